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
	// Started: a half runs from now on. Node is what the machine is called here, which is its
	// ID but for a second process with an id that another one has. Instance and Incarnation
	// are what a disseminator starts with; zero for a detector.
	Started struct {
		Node        swim.NodeID
		ID          swim.NodeID
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
	// Severed: nothing passes from a node to another any more, which harms both. Mended ends
	// that.
	Severed struct{ From, To swim.NodeID }
	Mended  struct{ From, To swim.NodeID }
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
	// Told: a node has received these records, and these findings, of the member By.
	Told struct {
		Node          swim.NodeID
		By            swim.NodeID
		Members       []swim.Member
		Confirmations []swim.Confirmation
	}
	// Unanswered: a request has reached a node, and its caller has no answer in time.
	Unanswered struct {
		From, To swim.NodeID
		Kind     string
	}
	// Lied: somebody spreads a record that is not so.
	Lied struct{ Claim swim.Member }
)

func (Started) fact()     {}
func (Ended) fact()       {}
func (Paused) fact()      {}
func (Resumed) fact()     {}
func (AskedToStop) fact() {}
func (Disturbed) fact()   {}
func (Calmed) fact()      {}
func (Published) fact()   {}
func (Severed) fact()     {}
func (Mended) fact()      {}
func (Sent) fact()        {}
func (Told) fact()        {}
func (Unanswered) fact()  {}
func (Lied) fact()        {}

// Violation is a promise that was broken.
type Violation struct {
	At   time.Duration
	Rule string
	Text string
}
