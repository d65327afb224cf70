"""Training of the Pose2Pose networks: data, losses, the loop, evaluation. Needs the `train` extra; the application never imports it."""
