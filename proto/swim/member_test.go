package swim_test

import (
	"testing"

	"github.com/swimpair/swim/proto/swim"
)

func TestACloneSharesNoTags(t *testing.T) {
	original := swim.Member{ID: "3", Tags: map[string]string{"role": "web"}}
	original.Clone().Tags["role"] = "db"
	if got, want := original.Tags["role"], "web"; got != want {
		t.Errorf("changing a clone made the original's tag %q, want %q", got, want)
	}
}

func TestSameAddressesLooksAtBothPorts(t *testing.T) {
	home := swim.Member{DetectorAddress: "a:50051", DisseminatorAddress: "a:50061"}
	for _, c := range []struct {
		other swim.Member
		want  bool
	}{
		{swim.Member{ID: "other", DetectorAddress: "a:50051", DisseminatorAddress: "a:50061"}, true},
		{swim.Member{DetectorAddress: "b:50051", DisseminatorAddress: "a:50061"}, false},
		{swim.Member{DetectorAddress: "a:50051", DisseminatorAddress: "b:50061"}, false},
	} {
		if got := home.SameAddresses(c.other); got != c.want {
			t.Errorf("SameAddresses(%s, %s) = %t, want %t", c.other.DetectorAddress, c.other.DisseminatorAddress, got, c.want)
		}
	}
}

func TestASummaryKeepsWhatPrecedenceNeeds(t *testing.T) {
	m := swim.Member{ID: "3", State: swim.Suspect, Incarnation: 7, Instance: 9, Zone: "payload"}
	want := swim.Summary{ID: "3", State: swim.Suspect, Incarnation: 7, Instance: 9}
	if got := m.Summary(); got != want {
		t.Errorf("Summary() = %+v, want %+v", got, want)
	}
}
