package swim_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/swimpair/swim/proto/swim"
)

// records draws records of one member from a world so small that ties and near-ties are
// the rule: the laws are hard only there.
func records() *rapid.Generator[swim.Member] {
	short := rapid.SampledFrom([]string{"", "a", "b", "ab"})
	return rapid.Custom(func(t *rapid.T) swim.Member {
		return swim.Member{
			ID:                  "3",
			State:               rapid.SampledFrom(byPrecedence).Draw(t, "state"),
			Incarnation:         swim.Incarnation(rapid.IntRange(1, 2).Draw(t, "incarnation")),
			Instance:            swim.Instance(rapid.IntRange(1, 2).Draw(t, "instance")),
			Reason:              swim.Reason(rapid.IntRange(0, 2).Draw(t, "reason")),
			Accuser:             swim.NodeID(short.Draw(t, "accuser")),
			DetectorAddress:     swim.Address(short.Draw(t, "detector address")),
			DisseminatorAddress: swim.Address(short.Draw(t, "disseminator address")),
			OwnAddress:          rapid.Bool().Draw(t, "own address"),
			ProbeInterval:       time.Duration(rapid.IntRange(1, 2).Draw(t, "probe interval")),
			Tags:                rapid.MapOfN(short, short, 0, 2).Draw(t, "tags"),
			Zone:                short.Draw(t, "zone"),
			Version:             short.Draw(t, "version"),
		}
	})
}

// nearTo draws a record that differs from m in one field at the most.
func nearTo(t *rapid.T, m swim.Member, label string) swim.Member {
	other := reflect.ValueOf(records().Draw(t, label))
	near := reflect.ValueOf(&m).Elem()
	field := rapid.IntRange(0, near.NumField()-1).Draw(t, label+" differs in")
	near.Field(field).Set(other.Field(field))
	return m
}

// merge is what every table does with two records of one member.
func merge(a, b swim.Member) swim.Member {
	if swim.Supersedes(b, a) {
		return b
	}
	return a
}

func TestPrecedenceIsATotalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := records().Draw(t, "a")
		b, c := nearTo(t, a, "b"), nearTo(t, a, "c")
		ab, ba, bc, ac := swim.Compare(a, b), swim.Compare(b, a), swim.Compare(b, c), swim.Compare(a, c)
		if ab != -ba {
			t.Errorf("not antisymmetric: a to b is %d, b to a is %d", ab, ba)
		}
		if ab >= 0 && bc >= 0 && ac < max(ab, bc) {
			t.Errorf("not transitive: a to b is %d, b to c is %d, a to c is %d", ab, bc, ac)
		}
		if equal := reflect.DeepEqual(a, b); (ab == 0) != equal || a.Equal(&b) != equal {
			t.Errorf("not total over distinct records: a to b is %d, equal is %t, and said to be %t", ab, equal, a.Equal(&b))
		}
	})
}

func TestMergeIsCommutativeAssociativeAndIdempotent(t *testing.T) {
	same := func(t *rapid.T, law string, got, want swim.Member) {
		if !reflect.DeepEqual(got, want) {
			t.Errorf("not %s: got %+v, want %+v", law, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a := records().Draw(t, "a")
		b, c := nearTo(t, a, "b"), nearTo(t, a, "c")
		same(t, "idempotent", merge(a, a), a)
		same(t, "commutative", merge(a, b), merge(b, a))
		same(t, "associative", merge(merge(a, b), c), merge(a, merge(b, c)))
	})
}

func TestTablesConvergeInWhateverOrderRecordsCome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sent := rapid.SliceOfN(records(), 1, 8).Draw(t, "sent")
		received := rapid.Permutation(sent).Draw(t, "received")
		fold := func(records []swim.Member) swim.Member {
			held := records[0]
			for _, m := range records[1:] {
				held = merge(held, m)
			}
			return held
		}
		if got, want := fold(received), fold(sent); !reflect.DeepEqual(got, want) {
			t.Errorf("one order ends at %+v, another at %+v", got, want)
		}
	})
}

func TestSummariesDecideLikeRecordsUnlessTheyTie(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := records().Draw(t, "a")
		b := nearTo(t, a, "b")
		bySummary, byRecord := swim.CompareSummaries(a.Summary(), b.Summary()), swim.Compare(a, b)
		if bySummary != 0 && bySummary != byRecord {
			t.Errorf("the summaries say %d, the records %d", bySummary, byRecord)
		}
	})
}
