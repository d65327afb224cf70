#version 330 core
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec4 colour;      // linear rgb, roughness of the cloth's folds
layout(location = 3) in vec4 ink;         // second colour of the pattern, number of the pattern / 255
layout(location = 4) in vec2 cloth;       // where the vertex lies on the cloth, m
layout(location = 5) in vec2 kind;        // part / 255, shininess

uniform mat4 projection;

out vec3 view_position;
out vec3 view_normal;
out vec4 base;
out vec3 second;
out vec2 on_cloth;
out float shine;
flat out float part;
flat out float layer;

void main() {
    gl_Position = projection * vec4(position, 1.0);
    view_position = position;
    view_normal = normal;
    base = colour;
    second = ink.rgb;
    on_cloth = cloth;
    part = kind.x;
    layer = floor(ink.a * 255.0 + 0.5);
    shine = kind.y;
}
