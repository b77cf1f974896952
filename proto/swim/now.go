package swim

import "time"

// Now is the only notion of time that a core has; its caller supplies it with each input.
type Now struct {
	// Mono counts up from the start of the process and never steps. Deadlines use it.
	Mono time.Duration
	// Wall may step. Only a first incarnation, the epoch of the ring, and the times shown to
	// people use it.
	Wall time.Time
}
