// Receives one frame of VMC over UDP, puts it on an avatar with three-vrm, and prints where the bones then are.
// node receive_vmc.mjs AVATAR.vrm      prints the port it listens at, then, after the frame's /VMC/Ext/T, one line of JSON

import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { VRMLoaderPlugin, VRMUtils } from '@pixiv/three-vrm';
import osc from 'osc';
import { Vector3 } from 'three';
import { GLTFLoader } from 'three/examples/jsm/loaders/GLTFLoader.js';

globalThis.self = globalThis; // the loader expects a browser
globalThis.ProgressEvent ??= class {};

const file = readFileSync(process.argv[2]);
const loader = new GLTFLoader();
loader.register((parser) => new VRMLoaderPlugin(parser));
const { vrm } = (await loader.parseAsync(new Uint8Array(file).buffer, '')).userData;
VRMUtils.rotateVRM0(vrm);
const isVrm0 = vrm.meta.metaVersion === '0';
const rest = vrm.humanoid.normalizedRestPose;

// Unity's names to VRM 1's: the bones of the thumb are called otherwise.
const thumb = { ThumbProximal: 'ThumbMetacarpal', ThumbIntermediate: 'ThumbProximal' };
const nameOf = (bone) => {
  const name = bone.replace(/Thumb(Proximal|Intermediate)$/, (end) => thumb[end]);
  return name[0].toLowerCase() + name.slice(1);
};
// As UniVRM mirrors on import: VRM 0 along Z, VRM 1 along X.
const position = ([x, y, z]) => (isVrm0 ? [x, y, -z] : [-x, y, z]);
const rotation = ([x, y, z, w]) => (isVrm0 ? [-x, -y, z, w] : [x, -y, -z, w]);

const pose = {};
const counts = {};
const unknown = [];
const receive = ({ address, args }) => {
  counts[address] = (counts[address] ?? 0) + 1;
  const values = args.map((argument) => argument.value);
  if (address === '/VMC/Ext/Bone/Pos') {
    const name = nameOf(values[0]);
    if (!vrm.humanoid.getRawBoneNode(name)) {
      unknown.push(values[0]);
      return;
    }
    pose[name] = { rotation: rotation(values.slice(4, 8)) };
    if (name === 'hips') {
      const place = position(values.slice(1, 4)); // three-vrm wants it relative to the rest pose
      pose[name].position = place.map((value, i) => value - rest.hips.position[i]);
    }
  } else if (address === '/VMC/Ext/T') {
    vrm.humanoid.setNormalizedPose(pose);
    vrm.update(1 / 60);
    vrm.scene.updateMatrixWorld(true);
    const bones = Object.fromEntries(
      Object.keys(vrm.humanoid.humanBones).map((name) => [
        name,
        vrm.humanoid.getRawBoneNode(name).getWorldPosition(new Vector3()).toArray(),
      ]),
    );
    console.log(JSON.stringify({ version: vrm.meta.metaVersion, bones, counts, unknown }));
    socket.close();
  }
};
const each = (packet) => (packet.packets ? packet.packets.forEach(each) : receive(packet));

const socket = createSocket('udp4');
socket.on('message', (data) => each(osc.readPacket(data, { metadata: true })));
socket.bind(0, '127.0.0.1', () => console.log(socket.address().port));
setTimeout(() => process.exit(3), 30000).unref();
