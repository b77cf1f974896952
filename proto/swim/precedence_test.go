package swim_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/swimpair/swim/proto/swim"
)

// byPrecedence lists the states that a record may have, the weakest first (SWIM 4.2:
// Confirm overrides Suspect, Suspect overrides Alive; the last two are ours).
var byPrecedence = []swim.State{swim.Alive, swim.Suspect, swim.Failed, swim.Left, swim.Forgotten}

// sign says which of two records with these numbers has to win.
func sign(a, b swim.Summary) int {
	switch {
	case a.Incarnation != b.Incarnation:
		return cmp.Compare(a.Incarnation, b.Incarnation)
	case a.State != b.State:
		return cmp.Compare(slices.Index(byPrecedence, a.State), slices.Index(byPrecedence, b.State))
	default:
		return cmp.Compare(a.Instance, b.Instance)
	}
}

func TestIncarnationThenStateThenInstanceDecide(t *testing.T) {
	var summaries []swim.Summary
	for _, incarnation := range []swim.Incarnation{0, 1, swim.MaxIncarnation} {
		for _, state := range byPrecedence {
			for _, instance := range []swim.Instance{1, 2, 1 << 63} {
				summaries = append(summaries, swim.Summary{ID: "3", Incarnation: incarnation, State: state, Instance: instance})
			}
		}
	}
	for _, a := range summaries {
		for _, b := range summaries {
			want := sign(a, b)
			if got := swim.CompareSummaries(a, b); got != want {
				t.Errorf("CompareSummaries(%v, %v) = %d, want %d", a, b, got, want)
			}
			if got := swim.Compare(record(a), record(b)); got != want {
				t.Errorf("Compare(%v, %v) = %d, want %d", a, b, got, want)
			}
			if got := swim.Supersedes(record(a), record(b)); got != (want > 0) {
				t.Errorf("Supersedes(%v, %v) = %t, want %t", a, b, got, want > 0)
			}
		}
	}
}

// record returns a record with that summary.
func record(s swim.Summary) swim.Member {
	return swim.Member{ID: s.ID, Incarnation: s.Incarnation, State: s.State, Instance: s.Instance}
}

func TestAWeakerSummaryLosesWhateverItsPayload(t *testing.T) {
	weak := swim.Member{
		ID: "3", State: swim.Alive, Incarnation: 7, Instance: 9, Reason: swim.ForgottenByHand, Accuser: "",
		DetectorAddress: "z:9", DisseminatorAddress: "z:9", OwnAddress: true, ProbeInterval: 1 << 40,
		Tags: map[string]string{"z": "z"}, Zone: "z", Version: "z",
	}
	strong := map[string]swim.Member{
		"incarnation": {ID: "3", State: swim.Alive, Incarnation: 8, Instance: 9, Accuser: "z"},
		"state":       {ID: "3", State: swim.Suspect, Incarnation: 7, Instance: 9, Accuser: "z"},
		"instance":    {ID: "3", State: swim.Alive, Incarnation: 7, Instance: 10, Accuser: "z"},
	}
	for by, m := range strong {
		if !swim.Supersedes(m, weak) || swim.Supersedes(weak, m) {
			t.Errorf("a record with a higher %s does not win over a larger payload", by)
		}
	}
}

func TestLowestAccuserLeadsAtEqualSummary(t *testing.T) {
	// The order of ids is that of their bytes, and no accuser is the subject itself.
	accusers := []swim.NodeID{"", "1", "10", "2", "a"}
	for i, low := range accusers {
		for _, high := range accusers[i+1:] {
			// The payload points the other way, to show that the accuser comes first.
			a := swim.Member{ID: "3", State: swim.Suspect, Incarnation: 7, Instance: 9, Accuser: low, Reason: swim.Unreachable}
			b := swim.Member{ID: "3", State: swim.Suspect, Incarnation: 7, Instance: 9, Accuser: high, Reason: swim.DetectorDown}
			if got := swim.Compare(a, b); got != 1 {
				t.Errorf("Compare(accused by %q, accused by %q) = %d, want 1", low, high, got)
			}
			if got := swim.Compare(b, a); got != -1 {
				t.Errorf("Compare(accused by %q, accused by %q) = %d, want -1", high, low, got)
			}
		}
	}
}

func TestEveryFieldOfThePayloadTellsRecordsApart(t *testing.T) {
	base := swim.Member{ID: "3", State: swim.Alive, Incarnation: 7, Instance: 9, Tags: map[string]string{"k": "v"}}
	changes := map[string]func(*swim.Member){
		"Reason":              func(m *swim.Member) { m.Reason = swim.Joined },
		"Accuser":             func(m *swim.Member) { m.Accuser = "1" },
		"DetectorAddress":     func(m *swim.Member) { m.DetectorAddress = "a:1" },
		"DisseminatorAddress": func(m *swim.Member) { m.DisseminatorAddress = "a:1" },
		"OwnAddress":          func(m *swim.Member) { m.OwnAddress = true },
		"ProbeInterval":       func(m *swim.Member) { m.ProbeInterval = 1 },
		"Zone":                func(m *swim.Member) { m.Zone = "z" },
		"Version":             func(m *swim.Member) { m.Version = "v" },
		"Tags, one less":      func(m *swim.Member) { m.Tags = nil },
		"Tags, one more":      func(m *swim.Member) { m.Tags = map[string]string{"k": "v", "l": ""} },
		"Tags, other value":   func(m *swim.Member) { m.Tags = map[string]string{"k": "w"} },
		"Tags, other split":   func(m *swim.Member) { m.Tags = map[string]string{"kv": ""} },
	}
	for field, change := range changes {
		changed := base.Clone()
		change(&changed)
		there, back := swim.Compare(base, changed), swim.Compare(changed, base)
		if there == 0 || there != -back {
			t.Errorf("%s: Compare says %d one way and %d the other, want 1 and -1 or the reverse", field, there, back)
		}
	}
}

func TestNoTagsAndEmptyTagsAreEqual(t *testing.T) {
	none := swim.Member{ID: "3", State: swim.Alive, Incarnation: 7, Instance: 9}
	empty := none
	empty.Tags = map[string]string{}
	if got := swim.Compare(none, empty); got != 0 {
		t.Errorf("Compare(no tags, empty tags) = %d, want 0", got)
	}
}

func ExampleSupersedes() {
	alive := swim.Member{ID: "3", State: swim.Alive, Incarnation: 1}
	suspect := swim.Member{ID: "3", State: swim.Suspect, Incarnation: 1, Accuser: "1"}
	refuted := swim.Member{ID: "3", State: swim.Alive, Incarnation: 2, Reason: swim.Refuted}
	fmt.Println(swim.Supersedes(suspect, alive), swim.Supersedes(refuted, suspect), swim.Supersedes(suspect, refuted))
	// Output: true true false
}
