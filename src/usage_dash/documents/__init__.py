"""What a usage document is, read tolerantly. This room knows no other."""
