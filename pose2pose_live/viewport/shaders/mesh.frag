// Stands in for pyrender's mesh.frag: soft diffuse light, one highlight and a rim, about a tenth of the cost of its
// physically based shading on software OpenGL. What has no normals (the floor grid) is drawn unlit.
#version 330 core

struct DirectionalLight {
    vec3 color;
    float intensity;
    vec3 direction;
};

struct Material {
    vec4 base_color_factor;
};

uniform Material material;
uniform DirectionalLight directional_lights[MAX_DIRECTIONAL_LIGHTS];
uniform int n_directional_lights;
uniform vec3 cam_pos;
uniform vec3 ambient_light;

in vec3 frag_position;
#ifdef NORMAL_LOC
in vec3 frag_normal;
#endif
#ifdef COLOR_0_LOC
in vec4 frag_tint;
#endif

out vec4 frag_color;

const float WRAP = 0.25;       // how far light reaches past the terminator, as in skin and clay
const float HIGHLIGHT = 0.06;
const float RIM = 0.10;

void main()
{
    vec4 base = material.base_color_factor;
#ifdef COLOR_0_LOC
    base *= frag_tint;
#endif
    vec3 light = vec3(1.0);
    vec3 shine = vec3(0.0);
#ifdef NORMAL_LOC
    vec3 n = normalize(frag_normal);
    vec3 v = normalize(cam_pos - frag_position);
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
    frag_color = vec4(sqrt(base.rgb * light + shine), base.a);
}
