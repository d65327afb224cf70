"""Training of the open engine's body network (`network.open_body_net`): crops of people who do not exist, the frozen published network as a teacher,
one loop. `python -m pose2pose_live.training.open_engine` says how."""
