import cowsay

print(cowsay.get_output_string("cow", "Hello, world!"))
