"""What is guessed first: common passwords, walks over the keyboard, the words around a person."""
