"""Before the launch: people follow a campaign that was announced, and say what they think of its preview."""
