// Stands in for pyrender's mesh.vert and does the lighting too: soft diffuse light, one highlight and a rim. A body of 14 000
// vertices has about one vertex for each three pixels of a window, so shading the pixels would look the same and cost
// several times as much on software OpenGL. What has no normals (the floor grid) is unlit.
#version 330 core

struct DirectionalLight {
    vec3 color;
    float intensity;
    vec3 direction;
};

struct Material {
    vec4 base_color_factor;
};

layout(location = 0) in vec3 position;
#ifdef NORMAL_LOC
layout(location = NORMAL_LOC) in vec3 normal;
#endif
#ifdef COLOR_0_LOC
layout(location = COLOR_0_LOC) in vec4 color_0;
#endif

uniform mat4 M;
uniform mat4 V;
uniform mat4 P;
uniform Material material;
uniform DirectionalLight directional_lights[MAX_DIRECTIONAL_LIGHTS];
uniform int n_directional_lights;
uniform vec3 cam_pos;
uniform vec3 ambient_light;

out vec4 frag_tint;

const float WRAP = 0.12;       // how far light reaches past the terminator, as in skin and clay
const float HIGHLIGHT = 0.07;
const float RIM = 0.10;

void main()
{
    vec4 world = M * vec4(position, 1.0);
    gl_Position = P * (V * world);
    vec4 base = material.base_color_factor;
#ifdef COLOR_0_LOC
    base *= color_0;
#endif
    vec3 light = vec3(1.0);
    vec3 shine = vec3(0.0);
#ifdef NORMAL_LOC
    vec3 n = mat3(M) * normal;                    // poses are rigid
    vec3 v = normalize(cam_pos - world.xyz);
    light = ambient_light * (0.75 + 0.25 * n.y);  // a little more from the sky than from the floor
    for (int i = 0; i < n_directional_lights; i++) {
        vec3 l = -directional_lights[i].direction;
        vec3 radiance = directional_lights[i].intensity * directional_lights[i].color;
        light += radiance * max((dot(n, l) + WRAP) / (1.0 + WRAP), 0.0);
        float s = max(dot(n, normalize(l + v)), 0.0);
        s *= s; s *= s; s *= s; s *= s;           // to the 16th
        shine += radiance * (HIGHLIGHT * s);
    }
    float edge = 1.0 - max(dot(n, v), 0.0);
    shine += RIM * edge * edge * edge;
#endif
    frag_tint = vec4(sqrt(base.rgb * light + shine), base.a);
}
