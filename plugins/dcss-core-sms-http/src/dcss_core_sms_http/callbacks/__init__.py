"""What a gateway posts to the portal: reports of delivery, and texts that people send."""
