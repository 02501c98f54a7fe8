"""What whoever runs the dashboard sees of its inside: logs, metrics, and whether it is ready."""
