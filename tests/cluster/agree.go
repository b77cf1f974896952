package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// WaitAgree returns once the lists of all observers have exactly the wanted members in
// the wanted states, and the same incarnation and instance of each; contacts are not
// counted. The time is that of the last event it took. The error says who sees what else.
func (o *Observer) WaitAgree(ctx context.Context, want map[swim.NodeID]swim.State, observers ...*Node) (time.Time, error) {
	at, err := o.WaitFor(ctx, func(views Views) bool { return disagreement(views, want, observers) == nil })
	if err != nil {
		return at, fmt.Errorf("no agreement on %s: %w", describe(want), errors.Join(disagreement(o.Views(), want, observers), err))
	}
	return at, nil
}

// disagreement says what is missing, nil if nothing is.
func disagreement(views Views, want map[swim.NodeID]swim.State, observers []*Node) error {
	var errs []error
	var first map[swim.NodeID]swim.Member
	for _, n := range observers {
		view := views[n.Name()]
		if !view.Connected {
			errs = append(errs, fmt.Errorf("node %d does not answer", n.ID))
			continue
		}
		members := view.members()
		if got := states(members); !maps.Equal(got, want) {
			errs = append(errs, fmt.Errorf("node %d sees %s", n.ID, describe(got)))
			continue
		}
		if first == nil {
			first = members
		}
		for id, m := range members {
			if a, b := m.Summary(), first[id].Summary(); a != b {
				errs = append(errs, fmt.Errorf("node %d has member %s as %+v, another node as %+v", n.ID, id, a, b))
			}
		}
	}
	return errors.Join(errs...)
}

// members are the rows that are not contacts.
func (v View) members() map[swim.NodeID]swim.Member {
	members := make(map[swim.NodeID]swim.Member, len(v.Rows))
	for _, m := range v.Rows {
		if m.State != swim.Contact {
			members[m.ID] = m
		}
	}
	return members
}

func states(members map[swim.NodeID]swim.Member) map[swim.NodeID]swim.State {
	out := make(map[swim.NodeID]swim.State, len(members))
	for id, m := range members {
		out[id] = m.State
	}
	return out
}

func describe(states map[swim.NodeID]swim.State) string {
	if len(states) == 0 {
		return "nobody"
	}
	var parts []string
	for _, id := range slices.Sorted(maps.Keys(states)) {
		parts = append(parts, fmt.Sprintf("%s %s", id, states[id]))
	}
	return strings.Join(parts, ", ")
}

// Alive wants the members to be alive; add others to the map.
func Alive(ids ...swim.NodeID) map[swim.NodeID]swim.State {
	want := make(map[swim.NodeID]swim.State, len(ids))
	for _, id := range ids {
		want[id] = swim.Alive
	}
	return want
}
