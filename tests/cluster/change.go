package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// Change is one row that a node told.
type Change struct {
	At       time.Time // when it arrived here
	Observer swim.NodeID
	Member   swim.Member
	Previous swim.State // 0: the row is new
	Snapshot bool       // part of the list that opens each stream
	Removed  bool       // the row is gone
}

// News tells a change from the repetition of a row when a stream is opened again.
func (c Change) News() bool { return !c.Snapshot || c.Previous != c.Member.State }

// String is the change as a sentence of the node that told it.
func (c Change) String() string {
	what := fmt.Sprintf("%s -> %s", c.Previous, c.Member.State)
	switch {
	case c.Removed:
		what = fmt.Sprintf("%s, removed", c.Member.State)
	case c.Previous == 0:
		what = c.Member.State.String()
	}
	reason := ""
	switch {
	case c.Member.Accuser != "":
		reason = fmt.Sprintf(" (%s, said by %s)", c.Member.Reason, c.Member.Accuser)
	case c.Member.Reason != 0:
		reason = fmt.Sprintf(" (%s)", c.Member.Reason)
	}
	return fmt.Sprintf("node %s says: %s %s%s", c.Observer, Key(c.Member), what, reason)
}

// History returns the changes so far, in the order of their arrival, from number first on.
func (o *Observer) History(first int) []Change {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]Change(nil), o.history[min(first, len(o.history)):]...)
}

// Next waits until there are changes from number first on, and returns them.
func (o *Observer) Next(ctx context.Context, first int) ([]Change, error) {
	if _, err := o.WaitFor(ctx, func(Views) bool { return len(o.history) > first }); err != nil {
		return nil, err
	}
	return o.History(first), nil
}

// EverSaid tells whether any node has ever told that the member is in the state, and who.
func (o *Observer) EverSaid(member swim.NodeID, state swim.State) (Change, bool) {
	for _, c := range o.History(0) {
		if c.Member.ID == member && c.Member.State == state {
			return c, true
		}
	}
	return Change{}, false
}
