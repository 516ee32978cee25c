"""When things happen: the clock's ticks, and the engine that works what is pending. Each job is one call of the desk."""
