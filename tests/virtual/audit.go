package virtual

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

// fact is what happened to a node or what it said to its watcher, and when.
type fact struct {
	at   time.Time
	fact audit.Fact
}

func (n *Net) observe(f audit.Fact) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.note(f)
}

// note is observe for whoever holds the lock.
func (n *Net) note(f audit.Fact) { n.facts = append(n.facts, fact{time.Now(), f}) }

// Audit has all that happened judged by the simulator's auditor. Nobody counts the messages.
func (n *Net) Audit(p audit.Promises) []audit.Violation {
	n.mu.Lock()
	facts := slices.Clone(n.facts)
	n.mu.Unlock()
	a, start, known := audit.New(p), facts[0].at, lives{}
	for len(facts) > 0 {
		i := known.next(facts)
		known.note(facts[i].fact)
		a.Observe(facts[i].at.Sub(start), facts[i].fact)
		facts = slices.Delete(facts, i, i+1)
	}
	a.Finish(time.Since(start))
	return a.Violations()
}

// life is one run of a disseminator; lives have the highest incarnation of each so far.
type life struct {
	id       swim.NodeID
	instance swim.Instance
}
type lives map[life]swim.Incarnation

// next is the fact to judge next. Two watchers of one instant are heard in any order; what
// a node says of itself comes before what others repeat of it.
func (l lives) next(facts []fact) int {
	waiting := map[swim.NodeID]bool{}
	for i, f := range facts {
		if f.at != facts[0].at {
			break
		}
		p, said := f.fact.(audit.Published)
		m := p.Member
		switch {
		case said && waiting[p.Observer]:
		case said && m.ID != p.Observer && m.Incarnation > l[life{m.ID, m.Instance}]:
			waiting[p.Observer] = true
		default:
			return i
		}
	}
	return 0
}

func (l lives) note(f audit.Fact) {
	switch f := f.(type) {
	case audit.Started:
		l[life{f.Node, f.Instance}] = f.Incarnation
	case audit.Published:
		if f.Observer == f.Member.ID {
			l[life{f.Member.ID, f.Member.Instance}] = f.Member.Incarnation
		}
	}
}
