<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1">
<context>
    <name>BodyPanel</name>
    <message>
        <source>3D view</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Drag to turn, with the right button or Shift to move, wheel to zoom, double click to reset. Keys: arrows, Shift and arrows, plus and minus</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>BodyShapePanel</name>
    <message>
        <source>&amp;Open body</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The body that comes with this program; it may be used for everything</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Your SM&amp;PL-X file</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Choose the SMPLX_NEUTRAL.npz that you have downloaded</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Choose file ...</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The file is not part of this program: register at {page}, accept its terms and download the model. It may be used for non-commercial research only, and so may what is made with it. Other programs read takes of the open body as well.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Fitted to you</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Give up the shape by hand: it is fitted to the person, or as it was calibrated</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Shape</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>SMPL-X model</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>All files</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Choose your SMPLX_NEUTRAL.npz</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Reading the file ...</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{name}: {value:+.2f}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>By hand.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Fitted to you. Move a slider to choose the shape by hand.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Height</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Weight</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Muscle</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Female - male</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Age</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Leg length</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Arm length</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Shoulder width</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Hip width</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Head size</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Shape {number}</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>BuildButton</name>
    <message>
        <source>Build for this GPU</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Compile the networks for this GPU, once; the next start uses it</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>CalibrationCue</name>
    <message>
        <source>Calibration</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>CalibrationModel</name>
    <message>
        <source>Stop the recording first: a take keeps its shape</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Stand so that all of you is in the picture, arms out to the sides</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The calibration was ended; nothing has changed</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The calibration before is used again</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No calibration is used</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Calibrated: shape, camera and floor are those of your T-pose</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No T-pose was seen; nothing has changed. The last hint was: {cue}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Step into the picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Step back: your feet are not in the picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Step back: your head is not in the picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Step back: your hands are not in the picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Face the camera</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Stand upright, with straight legs</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Raise your arms to the height of your shoulders</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Lower your arms to the height of your shoulders</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Spread your arms straight out to the sides</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Hold still</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Very good, stay like that</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>CalibrationPanel</name>
    <message>
        <source> cm</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>unknown</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>How tall you are, without shoes. A picture does not tell it; the body is as tall, and as far away as that makes it</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Stand two to four metres before the camera with your arms straight out to the sides, until the bar is full. The lengths of your limbs, the camera's tilt and the floor are measured.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Use the calibration before this one again</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Forget</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Fit the shape to whoever is in the picture, and take the camera for level</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>How long the pose was held</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Height</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Height</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>T-pose</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>End the calibration (T)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Calibrate by a T-pose, after a countdown (T)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{seconds} - {cue}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Not calibrated: the shape is fitted while you are seen, and the camera counts as level.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Calibrated by a T-pose.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Upright is {tilt:.0f}° from the camera's own upright.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The floor is {height:.2f} m below the camera.</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>CountdownCue</name>
    <message>
        <source>Countdown</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>GreenScreen</name>
    <message>
        <source>Body on a green screen</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Close the green screen</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Start or stop a recording</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>HelpPanel</name>
    <message>
        <source>Colours of the window</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Theme</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>As the system</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Reset all settings ...</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Back to the settings of the first start; asks before</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Keys</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>What each key does</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Privacy</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Nothing leaves this machine but what you switch on under Send.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Where things lie</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Versions</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Licences</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>This program: Apache-2.0.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Its window is drawn with PyQt6: GPL-3.0. Who passes on both together does so under the GPL's terms.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Networks, body and clip that come with it: Apache-2.0, CC0, BSD-3-Clause.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>All credits and terms: {path}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>not kept</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Takes: {path}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Settings: {path}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Engines of your own: {path}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Reset all settings</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Go back to the settings of the first start?</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Source, views, quality, body, calibration and targets are forgotten. Takes stay as they are.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Reset</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>LogPanel</name>
    <message>
        <source>Log</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Messages of this program, the newest at the end</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Copy</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Copy the log, with what a report of a problem needs</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Save ...</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Write the log to a file</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Save the log</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Saved {path}</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>MainWindow</name>
    <message>
        <source>Source</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Camera, format, rotation; or a video</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Takes</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>What was recorded: replay, rename, trim, convert</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Send</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Poses for other programs: VMC, VRChat, OSC</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Quality</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Engine, smoothing, legs, floor, hands and face</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Calibrate</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Your height and a T-pose</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Body</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Open body or your SMPL-X file, and its shape</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Numbers</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Rates, latency, losses and load</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Log</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>All that the program has told</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Help</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Keys, theme, versions and terms</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Open the help</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Mirror</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Show camera and body as a mirror would; recordings are never mirrored</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Send ({count})</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>camera {camera:.1f} fps    body {body:.1f} fps    shown {shown:.1f} fps    latency {latency}    dropped {dropped}    {renderer}</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>MocapLoader</name>
    <message>
        <source>Stop the recording first: a take is made with one engine and one body from beginning to end</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>NumbersPanel</name>
    <message>
        <source>Camera</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Pictures per second that the camera or video delivers</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Estimated</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Poses per second: what is recorded and sent</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Shown</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Poses per second that reach the screen</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Latency</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>From the taking of a picture until its pose is on the screen: half of all poses are faster, and 95 in 100 (p95)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Dropped</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Pictures that came while the one before was still being estimated</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>CPU</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Load of this program; 100 % is one core</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Memory</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>What this program occupies</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Drawn by</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>What draws the 3D view</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Pictures per second</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>per s</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{value:.1f} per s</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source> of {nominal:g}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{p50:.0f} ms, p95 {p95:.0f} ms</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{percent:.0f} % of {all} %</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{size:.0f} MB</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>camera</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>estimated</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>shown</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>median</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>p95</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>PanelSlot</name>
    <message>
        <source>In a window of its own; Escape there brings it back</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>PlaybackBar</name>
    <message>
        <source>Play or pause (K)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>One picture back (,)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>One picture on (.)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Back</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Forward</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Loop</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Begin anew at the end (L)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Place in the video; the arrow keys go a second, Page Up and Down ten</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Place in the video</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Play</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>Player</name>
    <message>
        <source>Position in the take</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Position in the take (arrow keys)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Time of the replay</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Marked part</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Play or pause</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>One picture back</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>One picture on</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The part begins here</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The part ends here</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Mark the whole take</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Trim</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Write the part as a new take; the whole one stays</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Back to the live pose</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Loop</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Play the part again and again</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No replay</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{start} to {end}</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>QualityPanel</name>
    <message>
        <source>The networks. Those of your own folder are made with `python -m export`; the choice takes effect in a second</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>What the networks run on; what cannot be used here says why</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Speed</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Calm against prompt: left is off, the first mark the usual strength; it takes effect at once</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Effect of the smoothing</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>While they are not seen</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Always</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Never</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Legs under a desk or below the picture rest and the hips are steady: who was seen to sit sits, everybody else stands</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Feet stay on the floor</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Standing feet do not slide; for a camera that shows them</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Hands</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Look for hands and fingers; without them the estimation is faster</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>F&amp;ace</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Look for face, mouth and eyes; without them the estimation is faster</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Engine</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>R&amp;untime</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Smoothing</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Legs rest</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Look for</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{title}: {problem}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{count} of {all} can be used here</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Automatic</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{title} (yours)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{title} - not here</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{title} - {speed:.0f} pictures/s here</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Loading ...</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Measuring the speed needs somebody in the picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{ms:.0f} ms a picture: {speed:.0f} pictures/s</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Trembling: nobody in the picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Trembling: {after:.1f} mm, without smoothing {before:.1f} mm</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Delay: move your arms to measure it</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Delay: {lag:.0f} ms</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Strength {value:.2f}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Off</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>RecordingBar</name>
    <message>
        <source>Start or stop a recording (R)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Start or stop a recording</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>in {seconds} s</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>at once</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Countdown</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>When a take begins after the button was pressed; the button again ends the countdown</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Take</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>State of the recording</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Folder</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Show the recordings in the file manager, or record into another folder</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Record into another folder ...</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Record into the usual folder</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Folder for takes</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Cancel ({seconds})</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>●  Record</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Recording {path}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Take {number}: {path}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The last take failed after {time}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{frames} frames, {size}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{dropped} dropped</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>nothing is written at the moment</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{size} free, room for {time}</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>RecordingModel</name>
    <message>
        <source>No take was recorded: the countdown was ended</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Saving ...</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No file manager was found; the recordings are in {folder}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Recording to {path}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No take was recorded: no pictures come any more</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The take was ended, because another body is used from now on</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Nothing was recorded.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Saved {path} ({written} frames, {dropped} could not be written in time)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Saved {path} ({written} frames)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{frames} frames were written before that and are kept in {path}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>; once there is room, save them in the list of takes</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>ReplayModel</name>
    <message>
        <source>The body is still being loaded</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Made with the body {theirs}, shown with {ours}: figure and face are not those that were recorded</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>SourceModel</name>
    <message>
        <source>Opening the camera ...</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Waiting for the first picture ...</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No camera was found: the bundled clip plays in a loop. Plug a camera in, and it is used at once.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The video has ended.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Waiting for {name} ...</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>SourcePanel</name>
    <message>
        <source>Where the pictures come from; cameras that are plugged in appear by themselves</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Pixel format, size and rate that are asked of the camera; MJPG gives large pictures at full rate</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>For a camera that is mounted on its side or upside down</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{degrees}° clockwise</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Upright</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Mirror</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Show camera and body as a mirror would; recordings are never mirrored</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Field of view of the picture's longer side: 60° fits most webcams, wide ones have up to 100°. It sets how far away a person is</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Open video ...</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Play a video in place of a camera (Ctrl+O); or drop one on the window</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Recent</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Videos that were opened before</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Camera</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Format</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Rotation</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Field of &amp;view</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Videos</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>All files</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Open video</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Automatic</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{name} (not plugged in)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Usual</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The camera gives {format}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{name} instead</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>StreamRow</name>
    <message>
        <source>Send</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Send poses to this target</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Protocol</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Address</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>HOST:PORT; an IPv6 address in brackets; broadcast and multicast addresses do as well</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Options</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Parts, rate, mirror and more</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Remove this target</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>off</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>waiting for the body</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Option</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>StreamsPanel</name>
    <message>
        <source>Add target</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Another program to send poses to</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Recentre</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Take the place where the person stands now for the middle of the avatars' floor</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Poses go to the addresses that are switched on here, and nowhere else.</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>TakesModel</name>
    <message>
        <source>Renamed to {name}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Saved {path}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Wrote {name}; the whole take is still there</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{names}: in the trash, from where you can have it back</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{names}: in the trash, from where you can have them back</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The conversion was ended; what was complete is kept</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Wrote {names}</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>TakesPanel</name>
    <message>
        <source>Conversion</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>End</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>End the conversion; what is complete is kept</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>There are no takes yet. The record button, or R, makes one.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Takes</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Return replays a take, F2 renames it, Delete puts it into the trash</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Convert to</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Replay</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Show the take in the 3D view</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Rename</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Give the take another name</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Make a take of what was recorded before the program ended</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Open folder</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Show the takes in the file manager</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Read the folder anew</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Delete</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Put the take into the trash, from where you can have it back</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>SMPL-X .npz in AMASS's layout</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>.smpl of Meshcapade</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>BVH, SMPL-X's skeleton (cm)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>BVH, Mixamo's skeleton (cm)</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>glTF .glb with the body's mesh</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Convert</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Write the take as a file for another program, beside it</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Each new take to</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>TakesTable</name>
    <message>
        <source>Name</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Length</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Recorded</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>damaged</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>not saved</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{frames} frames, {fps:g} per second, {size}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Body: {body}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The program ended before this take was saved; save it now</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>ViewsBar</name>
    <message>
        <source>Skeleton</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Mesh</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Boxes</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Nothing</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Over the camera picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Hidden</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>3D view; hidden it costs no time</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Grid</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Floor grid</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Follow</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The 3D view goes along with the body</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Front</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>3D view from the front</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Side</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>3D view from the side</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Top</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>3D view from above</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Home</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>3D view as it was at the start</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Green</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The body alone on green, in a window that streaming software captures</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Pop out</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Camera picture full screen</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>3D view full screen</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Overlay</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>3D</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>ViewsPanel</name>
    <message>
        <source>Camera picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Loading the body ...</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Camera - Pose2Pose Live</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>3D view - Pose2Pose Live</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No 3D view</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>_PanelWindow</name>
    <message>
        <source>Full screen or window</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Back into the main window</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Start or stop a recording</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>amounts</name>
    <message>
        <source>over 100 d</source>
        <translation type="unfinished" />
    </message>
</context></TS>
