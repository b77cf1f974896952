package swim_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// The numbers and names of the three enums are those of swim.proto. The order of the
// states is also the order of precedence, so this is a test of the protocol.
func TestEnumsAreThoseOfTheContract(t *testing.T) {
	enums := []struct {
		contract protoreflect.EnumDescriptor
		prefix   string
		name     func(n protoreflect.EnumNumber) string
	}{
		{swimpb.MemberState(0).Descriptor(), "MEMBER_STATE_", func(n protoreflect.EnumNumber) string { return swim.State(n).String() }},
		{swimpb.Reason(0).Descriptor(), "REASON_", func(n protoreflect.EnumNumber) string { return swim.Reason(n).String() }},
		{swimpb.Evidence(0).Descriptor(), "EVIDENCE_", func(n protoreflect.EnumNumber) string { return swim.Evidence(n).String() }},
	}
	for _, enum := range enums {
		values := enum.contract.Values()
		for i := range values.Len() {
			number, name := values.Get(i).Number(), string(values.Get(i).Name())
			if number == 0 {
				continue
			}
			want := strings.ToLower(strings.TrimPrefix(name, enum.prefix))
			if got := strings.ReplaceAll(enum.name(number), " ", "_"); got != want {
				t.Errorf("number %d is %q here and %q in swim.proto", number, got, name)
			}
		}
		beyond := protoreflect.EnumNumber(values.Len())
		if got := enum.name(beyond); !strings.HasSuffix(got, fmt.Sprintf("(%d)", beyond)) {
			t.Errorf("%s knows %d as %q, swim.proto does not know it", enum.contract.Name(), beyond, got)
		}
	}
}

func TestStatesRiseFromAliveToForgotten(t *testing.T) {
	contract := []swimpb.MemberState{
		swimpb.MemberState_MEMBER_STATE_ALIVE, swimpb.MemberState_MEMBER_STATE_SUSPECT, swimpb.MemberState_MEMBER_STATE_FAILED,
		swimpb.MemberState_MEMBER_STATE_LEFT, swimpb.MemberState_MEMBER_STATE_FORGOTTEN,
	}
	for i, state := range byPrecedence {
		if got, want := int32(state), int32(contract[i]); got != want {
			t.Errorf("%s is %d, want %d as %s", state, got, want, contract[i])
		}
		if i > 0 && state <= byPrecedence[i-1] {
			t.Errorf("%s is not above %s", state, byPrecedence[i-1])
		}
	}
}

func TestWordsForPeople(t *testing.T) {
	words := []struct {
		value fmt.Stringer
		want  string
	}{
		{swim.Alive, "alive"}, {swim.Suspect, "suspect"}, {swim.Failed, "failed"},
		{swim.Left, "left"}, {swim.Forgotten, "forgotten"}, {swim.Contact, "contact"},
		{swim.State(0), "state(0)"}, {swim.State(77), "state(77)"},
		{swim.Reason(0), ""}, {swim.Unreachable, "unreachable"}, {swim.DisseminatorDown, "disseminator_down"},
		{swim.Reason(77), "reason(77)"},
		{swim.Silent, "silent"}, {swim.WrongTarget, "wrong target"}, {swim.Evidence(0), "evidence(0)"},
		{swim.Path{Evidence: swim.Refused}, "direct refused"},
		{swim.Path{Proxy: "4", Evidence: swim.None}, "by 4 none"},
		{swim.Instance(0xBEEF), "beef"}, {swim.Instance(0), "0"},
	}
	for _, w := range words {
		if got := w.value.String(); got != w.want {
			t.Errorf("%T is spelled %q, want %q", w.value, got, w.want)
		}
	}
}

func TestOnlyAliveAndSuspectTakePart(t *testing.T) {
	for state := range swim.Contact + 2 {
		want := state == swim.Alive || state == swim.Suspect
		if got := state.Live(); got != want {
			t.Errorf("%s.Live() = %t, want %t", state, got, want)
		}
	}
}
