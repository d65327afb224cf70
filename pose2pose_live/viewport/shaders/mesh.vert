// Stands in for pyrender's mesh.vert: the same attributes and matrices, without textures and per-vertex inverses.
#version 330 core

layout(location = 0) in vec3 position;
#ifdef NORMAL_LOC
layout(location = NORMAL_LOC) in vec3 normal;
out vec3 frag_normal;
#endif
#ifdef COLOR_0_LOC
layout(location = COLOR_0_LOC) in vec4 color_0;
out vec4 frag_tint;
#endif

uniform mat4 M;
uniform mat4 V;
uniform mat4 P;

out vec3 frag_position;

void main()
{
    vec4 world = M * vec4(position, 1.0);
    gl_Position = P * (V * world);
    frag_position = world.xyz;
#ifdef NORMAL_LOC
    frag_normal = mat3(M) * normal;  // poses are rigid
#endif
#ifdef COLOR_0_LOC
    frag_tint = color_0;
#endif
}
