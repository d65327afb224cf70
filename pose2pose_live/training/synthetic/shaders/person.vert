// Lights a person with two lamps, the sky and the ground. There are a few vertices per hundred pixels, so light is computed here:
// shading the pixels would look much the same and cost several times as much on software OpenGL.
#version 330 core
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec4 colour;      // linear rgb, depth of the cloth's folds
layout(location = 3) in vec4 ink;         // second colour of the pattern, number of the pattern / 255
layout(location = 4) in vec2 cloth;       // where the vertex lies on the cloth, m
layout(location = 5) in vec2 kind;        // what it belongs to / 255, shininess

uniform mat4 projection;
uniform vec3 towards_light[2];
uniform vec3 light[2];
uniform vec3 sky;
uniform vec3 ground;
uniform float pattern_scale;   // 1 / m

out vec3 first;
out vec3 second;
out vec2 on_cloth;
out float folds;
flat out vec2 label;           // kind, layer of the pattern

void main() {
    gl_Position = projection * vec4(position, 1.0);
    vec3 received = mix(ground, sky, 0.5 + 0.5 * normal.y);
    vec3 v = normalize(-position);
    float highlight = 0.0;
    for (int i = 0; i < 2; i++) {
        received += light[i] * max(0.15 + 0.85 * dot(normal, towards_light[i]), 0.0);
        float s = max(dot(normal, normalize(towards_light[i] + v)), 0.0);
        s *= s; s *= s; s *= s; s *= s;
        highlight += s * light[i].g;
    }
    first = colour.rgb * received + kind.y * highlight;
    second = ink.rgb * received + kind.y * highlight;
    folds = 0.8 * colour.a;
    on_cloth = cloth * pattern_scale;
    label = vec2(kind.x, floor(ink.a * 255.0 + 0.5));
}
