package swim

import (
	"fmt"
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
	if got := DigestOf(row("7", Alive, 0x102)); got != h {
		t.Errorf("got %x, want %x", got, h)
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
	} {
		if got := test.a.Differs(test.b, settled); got != test.want {
			t.Errorf("%v and %v differ: %t", test.a, test.b, got)
		}
	}
}
