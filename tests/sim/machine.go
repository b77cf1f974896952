package sim

import (
	"time"

	"github.com/swimpair/swim/tests/sim/audit"
)

// Machine is what a node runs on.
type Machine struct {
	// Slow delays whatever comes in from the network, while timers go off in time: a host
	// that is starved of CPU (Lifeguard, section V). nil: not at all.
	Slow Distribution
	// ClockAhead is how far the wall clock is ahead.
	ClockAhead time.Duration

	// Rejects: a rule at the host refuses new connections, while those that stand go on.
	Rejects bool

	held    bool     // messages neither come in nor go out, while timers go off in time
	waiting []func() // what happens when that ends

	suspendedAt time.Duration // since when the whole machine stands still; 0: it does not
	lost        time.Duration // of Mono, in suspensions
}

func (n *Node) slowness() time.Duration {
	if n.Machine.Slow == nil {
		return 0
	}
	return n.Machine.Slow(n.world.rng)
}

// Starve makes the node slow, and Feed ends it.
func (n *Node) Starve(by Distribution) {
	if n.Machine.Slow == nil {
		n.world.observe(audit.Disturbed{Node: n.Name})
	}
	n.Machine.Slow = by
}

// Feed ends a Starve.
func (n *Node) Feed() {
	if n.Machine.Slow != nil {
		n.world.observe(audit.Calmed{Node: n.Name})
	}
	n.Machine.Slow = nil
}

// Hold stops the handling of messages, in and out, while timers go on: Lifeguard's anomaly
// (section V). Release ends it, and all that waited goes on at once.
func (n *Node) Hold() {
	if !n.Machine.held {
		n.Machine.held = true
		n.world.observe(audit.Disturbed{Node: n.Name})
	}
}

// Release ends a Hold.
func (n *Node) Release() {
	if !n.Machine.held {
		return
	}
	waiting := n.Machine.waiting
	n.Machine.held, n.Machine.waiting = false, nil
	n.world.observe(audit.Calmed{Node: n.Name})
	for _, goOn := range waiting {
		goOn()
	}
}

// handle is a message that goes in or out now, or when the node handles messages again.
func (n *Node) handle(message func()) {
	if n.Machine.held {
		n.Machine.waiting = append(n.Machine.waiting, message)
		return
	}
	message()
}

// Suspend stops the machine with both halves, as a virtual machine is: Mono stands still
// too, and the wall clock runs on. Wake ends it.
func (n *Node) Suspend() {
	n.Pause()
	n.Machine.suspendedAt = n.world.now
}

// Wake ends a Suspend.
func (n *Node) Wake() {
	n.Machine.lost += n.world.now - n.Machine.suspendedAt
	n.Resume()
}

// PowerOff ends both halves, and the host with them: nobody refuses.
func (n *Node) PowerOff() {
	n.Kill()
	n.world.dark[n.Detector.address], n.world.dark[n.Disseminator.address] = true, true
}
