package cluster

import "time"

// Usage is what a process has taken from the machine.
type Usage struct {
	RSS int64         // resident memory now, in bytes
	CPU time.Duration // user and system time since its start
}
