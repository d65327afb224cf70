#version 330 core
in vec3 first;
in vec3 second;
in vec2 on_cloth;
in float folds;
flat in vec2 label;

uniform sampler2DArray patterns;   // red: how much of the second colour, green: light on the folds

out vec4 pixel;

void main() {
    vec2 cloth = texture(patterns, vec3(on_cloth, label.y)).rg;
    pixel = vec4(sqrt(mix(first, second, cloth.r) * (1.0 + folds * (cloth.g - 0.5))), label.x);
}
