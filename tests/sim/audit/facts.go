package audit

import (
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// Fact is one thing that happened. The set is closed.
type Fact interface{ fact() }

// Half of a node.
type Half uint8

// The two halves of a node.
const (
	Detector Half = iota
	Disseminator
)

func (h Half) String() string { return [...]string{"detector", "disseminator"}[h] }

type (
	// Started: a half runs from now on. Instance and Incarnation are what a disseminator
	// starts with; zero for a detector.
	Started struct {
		Node        swim.NodeID
		Half        Half
		Instance    swim.Instance
		Incarnation swim.Incarnation
	}
	// Ended: a half is gone.
	Ended struct {
		Node swim.NodeID
		Half Half
	}
	// Paused and Resumed: a half stands still, and goes on.
	Paused struct {
		Node swim.NodeID
		Half Half
	}
	Resumed struct {
		Node swim.NodeID
		Half Half
	}
	// AskedToStop: a half, or an operator's Leave at it.
	AskedToStop struct{ Node swim.NodeID }
	// Disturbed: from now on something outside the node, or the machine under it, does it
	// harm, so that nothing is promised about it or about what it says. Calmed ends that.
	Disturbed struct{ Node swim.NodeID }
	Calmed    struct{ Node swim.NodeID }
	// Published is one change that a node's disseminator told its watchers.
	Published struct {
		Observer swim.NodeID
		Instance swim.Instance // of the observer
		Revision uint64
		Member   swim.Member
		Previous swim.State
		Removed  bool
	}
	// Sent is one request from one node to another.
	Sent struct{ From swim.NodeID }
)

func (Started) fact()     {}
func (Ended) fact()       {}
func (Paused) fact()      {}
func (Resumed) fact()     {}
func (AskedToStop) fact() {}
func (Disturbed) fact()   {}
func (Calmed) fact()      {}
func (Published) fact()   {}
func (Sent) fact()        {}

// Violation is a promise that was broken.
type Violation struct {
	At   time.Duration
	Rule string
	Text string
}
