"""What a message is, and what it says: kinds, facts, and the closed grammar of consent. Proposes; never decides about money."""
