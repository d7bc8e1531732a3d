"""The box: AWS as this project's templates and commands call it, on MiniStack."""
