"""The offline tool-chain: published models and data become what the application loads. Never imported by the application."""
