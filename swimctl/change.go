package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/wire"
)

// change is one line of a watch, and its JSON form. Scripts rely on the names: add only.
type change struct {
	Time            time.Time        `json:"time"` // a change: by the node's clock; a snapshot: by ours
	ID              swim.NodeID      `json:"id"`   // empty for a contact that nobody has met
	State           string           `json:"state"`
	Previous        string           `json:"previous"` // empty for a row that is new
	Incarnation     swim.Incarnation `json:"incarnation"`
	Reason          string           `json:"reason"`
	Accuser         swim.NodeID      `json:"accuser"`
	DetectorAddress swim.Address     `json:"detector_address"`
	Revision        uint64           `json:"revision"`
	Snapshot        bool             `json:"snapshot"`
	Removed         bool             `json:"removed"` // the row is gone
}

// changesOf flattens a message into lines: a snapshot has one for each member, a
// heartbeat none.
func changesOf(w wire.Watch, now time.Time) []change {
	switch e := w.Event.(type) {
	case wire.Snapshot:
		changes := make([]change, 0, len(e.Members))
		for _, m := range e.Members {
			line := newChange(m, w.Revision, now)
			line.Snapshot = true
			changes = append(changes, line)
		}
		return changes
	case wire.Change:
		line := newChange(e.Member, w.Revision, e.Time)
		if e.Previous != 0 {
			line.Previous = e.Previous.String()
		}
		line.Removed = e.Removed
		return []change{line}
	}
	return nil
}

func newChange(m swim.Member, revision uint64, at time.Time) change {
	return change{
		Time: at.UTC(), ID: m.ID, State: m.State.String(), Incarnation: m.Incarnation,
		Reason: m.Reason.String(), Accuser: m.Accuser, DetectorAddress: m.DetectorAddress,
		Revision: revision,
	}
}

func printChangeJSON(w io.Writer, c change) error { return json.NewEncoder(w).Encode(c) }

func printChangeLine(w io.Writer, c change) error {
	name := string(c.ID)
	if name == "" {
		name = string(c.DetectorAddress)
	}
	what := c.Previous + " -> " + c.State
	switch {
	case c.Snapshot:
		what = "is " + c.State
	case c.Removed:
		what = c.State + ", removed"
	case c.Previous == "":
		what = "new, " + c.State
	}
	_, err := fmt.Fprintf(w, "%s  %s  %s%s\n", c.Time.Local().Format("15:04:05.000"), name, what, because(c))
	return err
}

// because puts the reason and the accuser behind a line, if there are any.
func because(c change) string {
	switch {
	case c.Accuser != "":
		return fmt.Sprintf("  (%s, said by %s)", orDash(c.Reason), c.Accuser)
	case c.Reason != "":
		return fmt.Sprintf("  (%s)", c.Reason)
	}
	return ""
}
