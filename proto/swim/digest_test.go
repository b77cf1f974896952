package swim

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func row(id NodeID, state State, incarnation Incarnation) Member {
	return Member{ID: id, State: state, Incarnation: incarnation}
}

func sum(rows ...Member) (hash uint64) {
	for _, m := range rows {
		hash += DigestOf(m)
	}
	return hash
}

func TestADigestIsOfTheLiveRowsInAnyOrder(t *testing.T) {
	a, b := row("1", Alive, 7), row("2", Suspect, 8)
	if sum(a, b) != sum(b, a) {
		t.Error("the order makes a difference")
	}
	if sum(a, b) != sum(a, row("2", Alive, 8)) {
		t.Error("a suspicion makes a difference")
	}
	for _, state := range []State{Failed, Left, Forgotten, Contact} {
		if sum(a, row("2", state, 8)) != sum(a) {
			t.Errorf("a member that is %s makes a difference", state)
		}
	}
	if sum(a, b)-DigestOf(b) != sum(a) {
		t.Error("taking a row away does not undo it")
	}
}

func TestDigestsOfDifferentTablesDiffer(t *testing.T) {
	seen := map[uint64]string{}
	for _, id := range nodes(200) {
		for incarnation := range Incarnation(200) {
			hash := DigestOf(row(id, Alive, incarnation))
			name := fmt.Sprintf("%s at %d", id, incarnation)
			if other, taken := seen[hash]; taken || hash == 0 {
				t.Fatalf("%s and %q have the digest %x", name, other, hash)
			}
			seen[hash] = name
		}
	}
}

// The contract says how a client in another language computes it.
func TestADigestIsComputedAsTheContractSays(t *testing.T) {
	h := uint64(14695981039346656037)
	for _, b := range []byte("7\x00\x00\x00\x00\x00\x00\x00\x01\x02") {
		h = (h ^ uint64(b)) * 1099511628211
	}
	h ^= h >> 30
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 27
	h *= 0x94d049bb133111eb
	h ^= h >> 31
	const example = 0x7ca1a458a7c3a46b // in swim.proto
	if got := DigestOf(row("7", Alive, 0x102)); got != h || got != example {
		t.Errorf("got %x, want %x, and %x as in the contract", got, h, uint64(example))
	}
}

// A detector keeps its digest up to date with each change, and never sums up anew.
func TestADigestKeptUpToDateIsThatOfTheTable(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	states := []State{Alive, Suspect, Failed, Left, Forgotten, Contact}
	ids := nodes(8)
	table := map[NodeID]Member{} // a row that is missing has no state, and adds nothing
	var kept uint64
	for step := range 2000 {
		id := ids[rng.IntN(len(ids))]
		after := row(id, states[rng.IntN(len(states))], Incarnation(rng.IntN(4)))
		if rng.IntN(8) == 0 {
			after = Member{} // the row is gone
		}
		kept += DigestOf(after) - DigestOf(table[id])
		table[id] = after
		var rows []Member
		for _, i := range rng.Perm(len(ids)) {
			rows = append(rows, table[ids[i]])
		}
		if want := sum(rows...); kept != want {
			t.Fatalf("after %d changes it is %x, summed up anew %x", step+1, kept, want)
		}
	}
}

func TestOnlySettledDigestsDiffer(t *testing.T) {
	const settled = time.Second
	for _, test := range []struct {
		a, b Digest
		want bool
	}{
		{Digest{1, settled}, Digest{2, settled}, true},
		{Digest{1, settled}, Digest{1, settled}, false},
		{Digest{1, settled - 1}, Digest{2, settled}, false},
		{Digest{1, settled}, Digest{2, settled - 1}, false},
		{Digest{1, 0}, Digest{2, 0}, false},
		{Digest{1, time.Hour}, Digest{2, 2 * settled}, true},
		{Digest{1, time.Hour}, Digest{1, settled}, false}, // one age is no news
	} {
		for _, got := range []bool{test.a.Differs(test.b, settled), test.b.Differs(test.a, settled)} {
			if got != test.want {
				t.Errorf("%v and %v differ: %t", test.a, test.b, got)
			}
		}
	}
}
