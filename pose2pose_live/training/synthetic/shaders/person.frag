// Diffuse light from two lamps and a sky, a highlight, a pattern and folds: what a webcam can see of clothes and skin, and no more.
#version 330 core
in vec3 view_position;
in vec3 view_normal;
in vec4 base;
in vec3 second;
in vec2 on_cloth;
in float shine;
flat in float part;
flat in float layer;

uniform sampler2DArray patterns;
uniform vec3 towards_light[2];
uniform vec3 light[2];
uniform vec3 sky;
uniform vec3 ground;
uniform float pattern_scale;   // 1 / m

out vec4 pixel;

void main() {
    vec3 n = normalize(view_normal);
    float ink = texture(patterns, vec3(on_cloth * pattern_scale, layer)).r;
    // Layer 0 holds the slopes of soft noise, which bend the normal: folds.
    vec2 fold = texture(patterns, vec3(on_cloth * 3.1, 0.0)).gb - 0.5;
    n = normalize(n + base.a * vec3(fold, 0.0));
    vec3 colour = mix(base.rgb, second, ink);
    vec3 received = mix(ground, sky, 0.5 + 0.5 * n.y);
    vec3 v = normalize(-view_position);
    float highlight = 0.0;
    for (int i = 0; i < 2; i++) {
        float lambert = dot(n, towards_light[i]);
        received += light[i] * max(0.15 + 0.85 * lambert, 0.0);
        float s = max(dot(n, normalize(towards_light[i] + v)), 0.0);
        s *= s; s *= s; s *= s; s *= s;
        highlight += s * light[i].g;
    }
    pixel = vec4(sqrt(colour * received + shine * highlight), part);
}
