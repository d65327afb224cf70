// Stands in for pyrender's mesh.vert and does the lighting too. A body of 14 000 vertices has about one vertex for each three
// pixels of a window, so shading the pixels would look the same and cost several times as much on software OpenGL. The lights
// are constants for the same reason. What has no normals (the floor grid) is unlit.
#version 330 core

layout(location = 0) in vec3 position;
#ifdef NORMAL_LOC
layout(location = NORMAL_LOC) in vec3 normal;
#endif
#ifdef COLOR_0_LOC
layout(location = COLOR_0_LOC) in vec4 color_0;
#endif

struct Material {
    vec4 base_color_factor;
};

uniform mat4 M;
uniform mat4 V;
uniform mat4 P;
uniform Material material;

out vec4 frag_tint;

// Three-point lighting that goes with the camera, in camera axes: towards the light, and its colour times its strength.
const vec3 KEY = normalize(vec3(-0.55, 0.75, 0.70));   // warm, from the upper left
const vec3 FILL = normalize(vec3(0.90, 0.10, 0.60));   // cool, from the right
const vec3 RIM = normalize(vec3(0.25, 0.55, -0.90));   // from behind
const vec3 KEY_LIGHT = vec3(0.88, 0.84, 0.79);
const vec3 FILL_LIGHT = vec3(0.16, 0.18, 0.20);
const vec3 RIM_LIGHT = vec3(0.42, 0.46, 0.50);
const vec3 SKY = vec3(0.11, 0.12, 0.14);
const vec3 FLOOR = vec3(0.055, 0.06, 0.07);
const float WRAP = 0.12;        // how far light reaches past the terminator, as in skin and clay
const float HIGHLIGHT = 0.07;
const float EDGE = 0.10;        // brighter outline

float diffuse(vec3 n, vec3 l)
{
    return max((dot(n, l) + WRAP) / (1.0 + WRAP), 0.0);
}

void main()
{
    vec4 view = V * (M * vec4(position, 1.0));
    gl_Position = P * view;
    vec4 base = material.base_color_factor;
#ifdef COLOR_0_LOC
    base *= color_0;
#endif
#ifdef NORMAL_LOC
    vec3 world_normal = mat3(M) * normal;  // poses are rigid
    vec3 n = mat3(V) * world_normal;
    vec3 v = normalize(-view.xyz);
    vec3 light = mix(FLOOR, SKY, 0.5 + 0.5 * world_normal.y)
        + KEY_LIGHT * diffuse(n, KEY) + FILL_LIGHT * diffuse(n, FILL) + RIM_LIGHT * diffuse(n, RIM);
    float s = max(dot(n, normalize(KEY + v)), 0.0);
    s *= s; s *= s; s *= s; s *= s;        // to the 16th
    float edge = 1.0 - max(dot(n, v), 0.0);
    base.rgb = base.rgb * light + KEY_LIGHT * (HIGHLIGHT * s) + EDGE * edge * edge * edge;
#endif
    frag_tint = vec4(sqrt(base.rgb), base.a);
}
