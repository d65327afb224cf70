// Stands in for pyrender's mesh.frag: the colour is made in mesh.vert.
#version 330 core

in vec4 frag_tint;
out vec4 frag_color;

void main()
{
    frag_color = frag_tint;
}
