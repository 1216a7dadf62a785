"""What is in pictures: finding those of an export on disk, and reading the words in them. Optional: extra `ocr`."""
