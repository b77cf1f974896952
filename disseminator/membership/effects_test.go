package membership_test

import (
	"slices"
	"testing"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// of returns the effects of one type, in order.
func of[T membership.Effect](effects []membership.Effect) (all []T) {
	for _, e := range effects {
		if e, ok := e.(T); ok {
			all = append(all, e)
		}
	}
	return all
}

// only returns the single effect of its type.
func only[T membership.Effect](t *testing.T, effects []membership.Effect) T {
	t.Helper()
	all := of[T](effects)
	if len(all) != 1 {
		t.Fatalf("got %d effects of type %T, want one: %+v", len(all), *new(T), effects)
	}
	return all[0]
}

// none fails the test if there is an effect of that type.
func none[T membership.Effect](t *testing.T, effects []membership.Effect) {
	t.Helper()
	if all := of[T](effects); len(all) > 0 {
		t.Errorf("got %d effects of type %T, want none: %+v", len(all), *new(T), all)
	}
}

func saw(effects []membership.Effect, kind membership.EventKind) bool {
	return slices.ContainsFunc(of[membership.Event](effects), func(e membership.Event) bool { return e.Kind == kind })
}

// pushes are the Disseminates that are news, accusations the others.
func pushes(effects []membership.Effect) []membership.Disseminate {
	return slices.DeleteFunc(of[membership.Disseminate](effects), func(d membership.Disseminate) bool { return d.Accusation })
}

// receivers are the members that a call goes to, in order.
func receivers(calls []membership.Disseminate) (ids []swim.NodeID) {
	for _, d := range calls {
		ids = append(ids, d.To.ID)
	}
	return ids
}

// about are the members that rows are of, in order.
func about(rows []swim.Member) (ids []swim.NodeID) {
	for _, m := range rows {
		ids = append(ids, m.ID)
	}
	return ids
}

// published are the changes that watchers hear.
func published(effects []membership.Effect) (changes []membership.Change) {
	for _, p := range of[membership.Publish](effects) {
		changes = append(changes, p.Change)
	}
	return changes
}

// syncsTo returns the Syncs to one disseminator.
func syncsTo(effects []membership.Effect, m swim.Member) []membership.Sync {
	return slices.DeleteFunc(of[membership.Sync](effects), func(s membership.Sync) bool { return s.Address != m.DisseminatorAddress })
}

// syncTo returns the single Sync to one disseminator.
func syncTo(t *testing.T, effects []membership.Effect, m swim.Member) membership.Sync {
	t.Helper()
	all := syncsTo(effects, m)
	if len(all) != 1 {
		t.Fatalf("got %d Syncs to %s, want one: %+v", len(all), m.DisseminatorAddress, of[membership.Sync](effects))
	}
	return all[0]
}

// answerTo returns the single answer to a request.
func answerTo[T membership.Effect](t *testing.T, effects []membership.Effect, call membership.Call) T {
	t.Helper()
	var found []T
	for _, e := range of[T](effects) {
		if callOf(e) == call {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		t.Fatalf("request %d got %d answers of type %T, want one: %+v", call, len(found), *new(T), effects)
	}
	return found[0]
}

// callOf is the request that an effect answers, or 0.
func callOf(e membership.Effect) membership.Call {
	switch e := e.(type) {
	case membership.AnswerNews:
		return e.Call
	case membership.AnswerBareAccusation:
		return e.Call
	case membership.AnswerJoin:
		return e.Call
	case membership.AnswerSync:
		return e.Call
	case membership.AnswerOperator:
		return e.Call
	}
	return 0
}

// pushesTo are the pushes to one node.
func pushesTo(effects []membership.Effect, id swim.NodeID) []membership.Disseminate {
	return slices.DeleteFunc(pushes(effects), func(d membership.Disseminate) bool { return d.To.ID != id })
}
