"""Run by a Python that has bpy: `blender_positions.py FILE OUT.npz FRAME ...`; imports a BVH or GLB file at 30 frames per second.

OUT.npz: names of the bones, heads (F,B,3) m of the bones in the world in the given frames of the scene, and of a GLB also vertices (F,V,3).
"""

import sys

import bpy
import numpy as np

path, out, *frames = sys.argv[1:]
for thing in list(bpy.data.objects):
    bpy.data.objects.remove(thing)
bpy.context.scene.render.fps = 30
if path.endswith(".bvh"):
    bpy.ops.import_anim.bvh(filepath=path, global_scale=0.01, update_scene_fps=True, update_scene_duration=True)
else:
    bpy.ops.import_scene.gltf(filepath=path)
scene = bpy.context.scene
armature = next(thing for thing in bpy.data.objects if thing.type == "ARMATURE")
meshes = [thing for thing in bpy.data.objects if thing.type == "MESH" and thing.find_armature()]
heads, vertices = [], []
for frame in map(int, frames):
    scene.frame_set(frame)
    heads.append([armature.matrix_world @ bone.head for bone in armature.pose.bones])
    for mesh in meshes:
        evaluated = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
        vertices.append([evaluated.matrix_world @ vertex.co for vertex in evaluated.data.vertices])
np.savez(out, names=[bone.name for bone in armature.pose.bones], heads=heads, vertices=vertices, fps=scene.render.fps,
         last=armature.animation_data.action.frame_range[1])  # fmt: skip
