"""The trade, pure: orders, policies, the life cycle of a case, the proof of a chain, money."""
