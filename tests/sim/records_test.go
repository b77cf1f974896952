package sim

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// A core that changed a row in place would change the tables of all others with it. So each
// record is compared, when a whole drawn schedule is over, with what it said at first.
func TestNobodyChangesARecordThatIsShared(t *testing.T) {
	for seed := uint64(1); seed <= 60; seed++ {
		w := New(seed, nil)
		share, said := w.share, map[*swim.Member]swim.Member{}
		w.share = func(m swim.Member) *swim.Member {
			row := share(m)
			if _, known := said[row]; !known {
				said[row] = row.Clone()
			}
			return row
		}
		play(t, w, seed)
		tagged := 0
		for row, first := range said {
			if !reflect.DeepEqual(*row, first) {
				t.Errorf("seed %d: a record was\n%+v, and is\n%+v", seed, first, *row)
			}
			if len(row.Tags) > 0 {
				tagged++
			}
		}
		if tagged == 0 {
			t.Errorf("seed %d: none of %d records has tags", seed, len(said))
		}
	}
}

// Whether rows are shared makes no difference to what happens.
func TestSharingRecordsChangesNothing(t *testing.T) {
	for seed := uint64(1); seed <= 20; seed++ {
		var shared, separate bytes.Buffer
		play(t, New(seed, &shared), seed)
		w := New(seed, &separate)
		w.share = nil
		play(t, w, seed)
		if shared.Len() == 0 || !bytes.Equal(shared.Bytes(), separate.Bytes()) {
			t.Errorf("seed %d: with records shared the run is another one", seed)
		}
	}
}

func TestOneRecordIsSharedByAllTables(t *testing.T) {
	w := New(1, nil)
	w.Form(5)
	w.Run(10 * time.Second)
	for _, row := range w.Nodes[0].Disseminator.core.Rows() {
		for _, n := range w.Nodes[1:] {
			for _, other := range n.Disseminator.core.Rows() {
				if other.ID == row.ID && other != row {
					t.Errorf("nodes 1 and %s have each a record of %s", n.ID, row.ID)
				}
			}
		}
	}
}

// play runs a drawn schedule in which all nodes change their tags again and again.
func play(t *testing.T, w *World, seed uint64) {
	t.Helper()
	const n, between = 5, 3 * time.Second
	var retag func()
	retag = func() {
		for _, node := range w.latest() {
			tags := map[string]string{"at": fmt.Sprint(w.now)}
			node.Disseminator.Ask(func(c membership.Call) membership.Input {
				return membership.TagsRequested{Call: c, Tags: tags}
			})
			tags["at"] = "changed by the caller"
		}
		w.after(between, retag)
	}
	w.after(between, retag)
	if err := w.Play(Draw(seed, n, Safety)); err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
}
