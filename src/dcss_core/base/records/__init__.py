"""What every record promises, and the lives that records lead."""
