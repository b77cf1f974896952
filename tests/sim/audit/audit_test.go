package audit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

var promises = audit.Promises{
	Period: time.Second, PauseTolerance: time.Second, SuspicionMax: 4 * time.Second, PairGrace: 5 * time.Second, Comeback: 5 * time.Minute,
}

// late is when whatever was promised has had its time.
const late = 10 * time.Minute

// run is a cluster of two that the auditor is told of, by hand.
type run struct {
	*audit.Auditor
	revision map[swim.NodeID]uint64
}

func newRun() *run {
	r := &run{Auditor: audit.New(promises), revision: map[swim.NodeID]uint64{}}
	for _, id := range []swim.NodeID{"1", "2"} {
		r.Observe(0, audit.Started{Node: id, Half: audit.Detector})
		r.Observe(0, audit.Started{Node: id, Half: audit.Disseminator, Instance: instanceOf(id), Incarnation: 100})
	}
	r.says(0, "1", row("2", swim.Alive, 100), 0)
	r.says(0, "2", row("1", swim.Alive, 100), 0)
	return r
}

func instanceOf(id swim.NodeID) swim.Instance { return swim.Instance(id[0]) }

func row(id swim.NodeID, state swim.State, incarnation swim.Incarnation) swim.Member {
	return swim.Member{ID: id, State: state, Incarnation: incarnation, Instance: instanceOf(id)}
}

// says is a change that a node publishes, with the next revision.
func (r *run) says(at time.Duration, observer swim.NodeID, m swim.Member, previous swim.State) {
	r.revision[observer]++
	r.Observe(at, audit.Published{
		Observer: observer, Instance: instanceOf(observer), Revision: r.revision[observer], Member: m, Previous: previous,
	})
}

// joins is one more healthy node.
func (r *run) joins(name, id swim.NodeID, instance swim.Instance) {
	r.Observe(0, audit.Started{Node: name, ID: id, Half: audit.Detector})
	r.Observe(0, audit.Started{Node: name, ID: id, Half: audit.Disseminator, Instance: instance, Incarnation: 100})
}

// suspects is a suspicion that the observer raises itself, unless by somebody else.
func (r *run) suspects(at time.Duration, observer, accuser, of swim.NodeID) {
	r.says(at, observer, because(row(of, swim.Suspect, 100), swim.Unreachable, accuser), swim.Alive)
}

// expires is a verdict of node 1, which suspects node 2 since then.
func (r *run) expires(since, at time.Duration) {
	r.Observe(since, audit.Disturbed{Node: "2"})
	r.suspects(since, "1", "1", "2")
	r.says(at, "1", because(row("2", swim.Failed, 100), swim.Unreachable, "1"), swim.Suspect)
}

func (r *run) confirms(at time.Duration, by swim.NodeID) {
	r.Observe(at, audit.Told{Node: "1", By: by, Confirmations: []swim.Confirmation{{ID: "2", Incarnation: 100, Instance: instanceOf("2")}}})
}

// fails is a death that has had its time.
func (r *run) fails(at time.Duration, observer swim.NodeID, m swim.Member) {
	suspect := m
	suspect.State = swim.Suspect
	r.says(at-2*time.Second, observer, suspect, swim.Alive)
	r.says(at, observer, m, swim.Suspect)
}

func because(m swim.Member, reason swim.Reason, accuser swim.NodeID) swim.Member {
	m.Reason, m.Accuser = reason, accuser
	return m
}

// Each rule lets pass what keeps it, and notices what breaks it.
func TestEachRule(t *testing.T) {
	const alive, suspect, failed, left = swim.Alive, swim.Suspect, swim.Failed, swim.Left
	for _, test := range []struct {
		name string
		rule string // "": nothing is broken
		tell func(r *run)
	}{
		{"a quiet run", "", func(r *run) { r.Finish(late) }},

		{"a gap in the revisions", audit.RuleHistory, func(r *run) { r.revision["1"]++; r.says(1, "1", row("2", suspect, 100), alive) }},
		{"a wrong previous state", audit.RuleHistory, func(r *run) { r.says(1, "1", row("2", suspect, 100), failed) }},
		{"a new life counts from anew", "", func(r *run) {
			r.Observe(1, audit.Ended{Node: "1", Half: audit.Disseminator})
			r.Observe(2, audit.Started{Node: "1", Half: audit.Disseminator, Instance: 7, Incarnation: 200})
			r.Observe(3, audit.Published{Observer: "1", Instance: 7, Revision: 1, Member: row("2", alive, 100)})
		}},

		{"back with the same incarnation", audit.RuleResurrection, func(r *run) {
			r.fails(3*time.Second, "1", row("2", failed, 100))
			r.says(4*time.Second, "1", row("2", alive, 100), failed)
		}},
		{"back with a higher one", "", func(r *run) {
			r.fails(3*time.Second, "1", row("2", failed, 100))
			r.says(4*time.Second, "2", row("2", alive, 101), 0)
			r.says(5*time.Second, "1", row("2", alive, 101), failed)
		}},

		{"raised by somebody else", audit.RuleIncarnation, func(r *run) { r.says(1, "1", row("2", suspect, 101), alive) }},
		{"a life that never was", audit.RuleIncarnation, func(r *run) {
			m := row("2", alive, 100)
			m.Instance = 99
			r.says(1, "1", m, alive)
		}},
		{"fallen", audit.RuleIncarnation, func(r *run) { r.says(1, "1", row("1", alive, 99), 0) }},

		{"a healthy node failed", audit.RuleAccuracy, func(r *run) { r.fails(late, "1", row("2", failed, 100)) }},
		{"a healthy node suspect", "", func(r *run) { r.says(late, "1", row("2", suspect, 100), alive) }},
		{"a short pause is forgiven", audit.RuleAccuracy, func(r *run) {
			r.Observe(late-time.Second, audit.Paused{Node: "2", Half: audit.Detector})
			r.Observe(late, audit.Resumed{Node: "2", Half: audit.Detector})
			r.fails(late+3*time.Second, "1", row("2", failed, 100))
		}},
		{"a long one is not", "", func(r *run) {
			r.Observe(late-2*time.Second, audit.Paused{Node: "2", Half: audit.Detector})
			r.Observe(late, audit.Resumed{Node: "2", Half: audit.Detector})
			r.fails(late+3*time.Second, "1", row("2", failed, 100))
		}},
		{"a disturbed one may be", "", func(r *run) {
			r.Observe(1, audit.Disturbed{Node: "2"})
			r.fails(late, "1", row("2", failed, 100))
		}},
		{"by one who is sick itself", "", func(r *run) {
			r.Observe(1, audit.Disturbed{Node: "1"})
			r.fails(late, "1", row("2", failed, 100))
		}},
		{"long after the disturbance", audit.RuleAccuracy, func(r *run) {
			r.Observe(1, audit.Disturbed{Node: "2"})
			r.Observe(2, audit.Calmed{Node: "2"})
			r.fails(late, "1", row("2", failed, 100))
		}},

		{"failed out of the blue", audit.RuleTime, func(r *run) {
			r.Observe(1, audit.Disturbed{Node: "2"})
			r.says(2, "1", row("2", failed, 100), alive)
		}},
		{"failed too soon", audit.RuleTime, func(r *run) {
			r.Observe(1, audit.Disturbed{Node: "2"})
			r.says(2, "1", row("2", suspect, 100), alive)
			r.says(time.Second, "1", row("2", failed, 100), suspect)
		}},
		{"its own word", "", func(r *run) {
			r.Observe(1, audit.Ended{Node: "2", Half: audit.Detector})
			r.says(2, "1", because(row("2", failed, 100), swim.DetectorDown, "2"), alive)
		}},

		{"left without being asked", audit.RuleGoodbye, func(r *run) { r.says(1, "1", row("2", left, 100), alive) }},
		{"left when asked", "", func(r *run) {
			r.Observe(1, audit.AskedToStop{Node: "2"})
			r.says(2, "1", row("2", left, 100), alive)
		}},

		{"a running half is said to be down", audit.RuleReason, func(r *run) {
			r.says(late, "1", because(row("2", suspect, 100), swim.DisseminatorDown, "1"), alive)
		}},
		{"a paused one is", "", func(r *run) {
			r.Observe(late-1, audit.Paused{Node: "2", Half: audit.Disseminator})
			r.says(late, "1", because(row("2", suspect, 100), swim.DisseminatorDown, "1"), alive)
		}},

		{"the dead are live", audit.RuleCompleteness, func(r *run) {
			r.Observe(1, audit.Ended{Node: "2", Half: audit.Detector})
			r.Observe(1, audit.Ended{Node: "2", Half: audit.Disseminator})
			r.Finish(late)
		}},
		{"half a node is live", audit.RuleCompleteness, func(r *run) {
			r.Observe(1, audit.Ended{Node: "2", Half: audit.Detector})
			r.Finish(late)
		}},
		{"the dead are failed", "", func(r *run) {
			r.Observe(1, audit.Ended{Node: "2", Half: audit.Detector})
			r.Observe(1, audit.Ended{Node: "2", Half: audit.Disseminator})
			r.fails(5*time.Second, "1", row("2", failed, 100))
			r.Finish(late)
		}},

		{"a healthy member is unknown", audit.RuleAgreement, func(r *run) {
			r.Observe(1, audit.Started{Node: "3", Half: audit.Detector})
			r.Observe(1, audit.Started{Node: "3", Half: audit.Disseminator, Instance: 3, Incarnation: 1})
			r.Finish(late)
		}},
		{"an old incarnation is held", audit.RuleAgreement, func(r *run) {
			r.says(1, "2", row("2", alive, 105), 0)
			r.Finish(late)
		}},

		{"listed after it was forgotten", audit.RuleResurrection, func(r *run) {
			r.fails(3*time.Second, "1", row("2", failed, 100))
			r.says(4*time.Second, "1", row("2", swim.Forgotten, 100), failed)
			r.says(5*time.Second, "1", row("2", failed, 100), swim.Forgotten)
		}},
		{"back below what it has heard of", audit.RuleResurrection, func(r *run) {
			r.fails(3*time.Second, "1", row("2", failed, 100))
			r.says(4*time.Second, "2", row("2", alive, 110), 0)
			r.Observe(5*time.Second, audit.Told{Node: "1", Members: []swim.Member{row("2", failed, 110)}})
			r.says(6*time.Second, "1", row("2", alive, 102), failed)
		}},
		{"higher, because somebody lies", "", func(r *run) {
			r.Observe(1, audit.Lied{Claim: row("2", failed, 500)})
			r.says(2, "1", row("2", suspect, 500), alive)
		}},
		{"half of itself is blamed, which stood still with the other", audit.RuleReason, func(r *run) {
			for _, half := range []audit.Half{audit.Detector, audit.Disseminator} {
				r.Observe(late-3*time.Second, audit.Paused{Node: "2", Half: half})
			}
			for _, half := range []audit.Half{audit.Detector, audit.Disseminator} {
				r.Observe(late, audit.Resumed{Node: "2", Half: half})
			}
			r.says(late, "2", because(row("2", suspect, 101), swim.DetectorDown, "2"), alive)
		}},

		{"accused before a ping can have waited", audit.RuleHaste, func(r *run) {
			r.Observe(late, audit.Ended{Node: "2", Half: audit.Disseminator})
			r.Observe(late, audit.Started{Node: "2", Half: audit.Disseminator, Instance: 9, Incarnation: 200})
			m := row("2", alive, 200)
			m.Instance = 9
			r.says(late, "1", m, alive)
			m.State = suspect
			r.says(late+100*time.Millisecond, "1", because(m, swim.Unreachable, "1"), alive)
		}},
		{"accused, though another reaches it", audit.RulePaths, func(r *run) {
			r.joins("3", "3", 3)
			third := row("3", alive, 100)
			third.Instance = 3
			r.says(0, "1", third, 0)
			r.Observe(1, audit.Severed{From: "1", To: "2"})
			r.suspects(late, "1", "1", "2")
		}},
		{"accused, and there is nobody to ask", "", func(r *run) {
			r.joins("3", "3", 3)
			r.Observe(1, audit.Severed{From: "1", To: "2"})
			r.suspects(late, "1", "1", "2")
		}},
		{"accused, and nobody reaches it", "", func(r *run) {
			r.joins("3", "3", 3)
			r.Observe(1, audit.Severed{From: "1", To: "2"})
			r.Observe(1, audit.Severed{From: "3", To: "2"})
			r.suspects(late, "1", "1", "2")
		}},
		{"accused by one who has just stood still", audit.RuleBlame, func(r *run) {
			r.Observe(late-5*time.Second, audit.Paused{Node: "1", Half: audit.Disseminator})
			r.Observe(late, audit.Resumed{Node: "1", Half: audit.Disseminator})
			r.suspects(late+time.Millisecond, "1", "1", "2")
		}},
		{"nobody could confirm, and it does not wait", audit.RuleWitnesses, func(r *run) { r.expires(time.Second, 3*time.Second) }},
		{"nobody could confirm, and it waits", "", func(r *run) { r.expires(time.Second, 5*time.Second) }},
		{"the same witness twice", audit.RuleWitnesses, func(r *run) {
			for _, id := range []swim.NodeID{"3", "4", "5"} {
				r.joins(id, id, instanceOf(id))
				r.says(0, "1", row(id, alive, 100), 0)
			}
			r.confirms(2, "3")
			r.confirms(3, "3")
			r.expires(time.Second, 3*time.Second)
		}},
		{"three witnesses", "", func(r *run) {
			for _, id := range []swim.NodeID{"3", "4", "5"} {
				r.joins(id, id, instanceOf(id))
				r.says(0, "1", row(id, alive, 100), 0)
				r.confirms(2, id)
			}
			r.expires(time.Second, 2*time.Second)
		}},
		{"most are suspect together, and it does not wait again", audit.RuleFate, func(r *run) {
			r.Observe(0, audit.Disturbed{Node: "1"})
			for _, id := range []swim.NodeID{"3", "4", "5"} {
				r.joins(id, id, instanceOf(id))
				r.says(0, "1", row(id, alive, 100), 0)
				r.suspects(time.Second, "1", "1", id)
			}
			r.expires(time.Second, 5*time.Second)
		}},
		{"accused by the sick, and not heard of for as long", "", func(r *run) {
			r.suspects(late, "1", "3", "2")
			r.says(late+4*time.Second, "2", row("2", alive, 101), 0)
			r.says(late+4*time.Second, "1", row("2", alive, 101), suspect)
		}},
		{"accused and not heard of for long", audit.RuleRefutation, func(r *run) {
			r.joins("3", "3", 3)
			r.suspects(late, "1", "3", "2")
			r.says(late+4*time.Second, "2", row("2", alive, 101), 0)
			r.says(late+4*time.Second, "1", row("2", alive, 101), suspect)
		}},
		{"believed after three false alarms", audit.RuleCredulity, func(r *run) {
			for i := range swim.Incarnation(4) {
				at := late + time.Duration(i)*time.Second
				r.says(at, "1", because(row("2", suspect, 100+i), swim.Unreachable, "3"), alive)
				r.says(at+time.Millisecond, "2", row("2", alive, 101+i), 0)
				r.says(at+time.Millisecond, "1", row("2", alive, 101+i), suspect)
			}
		}},
		{"no answer", audit.RuleAnswers, func(r *run) { r.Observe(late, audit.Unanswered{From: "1", To: "2", Kind: "ping"}) }},
		{"no answer of one who stood still", "", func(r *run) {
			r.Observe(late-time.Second, audit.Paused{Node: "2", Half: audit.Detector})
			r.Observe(late, audit.Unanswered{From: "1", To: "2", Kind: "ping"})
		}},
		{"two with one id go on", audit.RuleIdentity, func(r *run) {
			r.joins("2'", "2", 7)
			r.Finish(late)
		}},

		{"a thing said twice in one message", audit.RuleMessages, func(r *run) {
			r.Observe(1, audit.Told{Node: "1", By: "2", Members: []swim.Member{row("2", alive, 100), row("2", alive, 100)}})
		}},
		{"messages without end", audit.RuleMessages, func(r *run) {
			for range 100_000 {
				r.Observe(1, audit.Sent{From: "1"})
			}
			r.Finish(late)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRun()
			test.tell(r)
			var broken []string
			for _, v := range r.Violations() {
				broken = append(broken, v.Rule)
			}
			if (test.rule == "") != (len(broken) == 0) || (test.rule != "" && !slices.Contains(broken, test.rule)) {
				t.Errorf("got %v, want %q: %v", broken, test.rule, r.Violations())
			}
		})
	}
}
