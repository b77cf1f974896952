package wire_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// delivered is err as a client's gRPC hands it over: nothing is left but the status.
func delivered(t *testing.T, err error) error {
	t.Helper()
	s, ok := status.FromError(wire.ToStatus(err))
	if !ok {
		t.Fatalf("%v is no status", err)
	}
	return status.FromProto(proto.CloneOf(s.Proto())).Err()
}

func TestServiceErrorsCrossTheWire(t *testing.T) {
	sentinels := []struct {
		err    error
		code   codes.Code
		reason string
	}{
		{wire.ErrUnknownMember, codes.NotFound, "UNKNOWN_MEMBER"},
		{wire.ErrConflict, codes.AlreadyExists, "CONFLICT"},
		{wire.ErrUnreachable, codes.FailedPrecondition, "UNREACHABLE"},
		{wire.ErrStillLive, codes.FailedPrecondition, "STILL_LIVE"},
		{wire.ErrLeaving, codes.Unavailable, "LEAVING"},
		{wire.ErrDetectorDown, codes.FailedPrecondition, "DETECTOR_DOWN"},
		{wire.ErrFull, codes.ResourceExhausted, "FULL"},
	}
	for _, want := range sentinels {
		sent := fmt.Errorf("%w: I cannot reach you at localhost:50056: set SWIM_ADVERTISE_HOST", want.err)
		received := delivered(t, sent)
		if got := status.Code(received); got != want.code {
			t.Errorf("%v: code is %s, want %s", want.err, got, want.code)
		}
		if got := reasonOf(received); got != want.reason {
			t.Errorf("%v: reason is %q, want %q", want.err, got, want.reason)
		}
		got := wire.FromStatus(received)
		if got.Error() != sent.Error() || status.Code(got) != want.code {
			t.Errorf("got %q with code %s, want %q with %s", got, status.Code(got), sent, want.code)
		}
		for _, other := range sentinels {
			if is := errors.Is(got, other.err); is != (other.err == want.err) {
				t.Errorf("errors.Is(received %v, %v) = %t", want.err, other.err, is)
			}
		}
		if again := delivered(t, got); again.Error() != received.Error() || reasonOf(again) != want.reason {
			t.Errorf("passed on, %v became %v", received, again)
		}
	}
}

func reasonOf(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetDomain() == "swim" {
			return info.GetReason()
		}
	}
	return ""
}

func TestAFieldErrorIsAnInvalidArgumentWithItsField(t *testing.T) {
	_, err := wire.ParsePing(&swimpb.PingRequest{})
	received := delivered(t, err)
	if got, want := status.Code(received), codes.InvalidArgument; got != want {
		t.Errorf("code is %s, want %s", got, want)
	}
	if got, want := reasonOf(received), "INVALID_FIELD"; got != want {
		t.Errorf("reason is %q, want %q", got, want)
	}
	var violations []*errdetails.BadRequest_FieldViolation
	for _, detail := range status.Convert(received).Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			violations = bad.GetFieldViolations()
		}
	}
	if len(violations) != 1 || violations[0].GetField() != "sender_id" {
		t.Errorf("violations are %v, want one of sender_id", violations)
	}
	got := wire.FromStatus(received)
	fault, ok := errors.AsType[*wire.FieldError](got)
	if !ok || fault.Field != "sender_id" || got.Error() != err.Error() {
		t.Errorf("got %v (%+v), want %v", got, fault, err)
	}
}

func TestOtherErrorsKeepTheirCode(t *testing.T) {
	foreign := status.Error(codes.ResourceExhausted, "too much")
	for _, c := range []struct {
		err  error
		code codes.Code
		text string
	}{
		{foreign, codes.ResourceExhausted, "too much"},
		{context.Canceled, codes.Canceled, "context canceled"},
		{fmt.Errorf("waiting: %w", context.DeadlineExceeded), codes.DeadlineExceeded, "waiting: context deadline exceeded"},
		{errors.New("disk on fire"), codes.Internal, "disk on fire"},
	} {
		s := status.Convert(wire.ToStatus(c.err))
		if s.Code() != c.code || s.Message() != c.text {
			t.Errorf("%v became %s %q, want %s %q", c.err, s.Code(), s.Message(), c.code, c.text)
		}
	}
	if got := wire.FromStatus(foreign); got != foreign {
		t.Errorf("a foreign status came back as %v, want it as it was", got)
	}
	plain := errors.New("no status")
	if got := wire.FromStatus(plain); got != plain {
		t.Errorf("an error without status came back as %v, want it as it was", got)
	}
}

func TestNoErrorIsNoStatus(t *testing.T) {
	if to, from := wire.ToStatus(nil), wire.FromStatus(nil); to != nil || from != nil {
		t.Errorf("got %v and %v, want nil", to, from)
	}
}

// A reason counts only in our own domain: another system may use the same word.
func TestForeignReasonsAreNotOurs(t *testing.T) {
	s, err := status.New(codes.AlreadyExists, "x").WithDetails(&errdetails.ErrorInfo{Reason: "CONFLICT", Domain: "elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	if got := wire.FromStatus(s.Err()); errors.Is(got, wire.ErrConflict) {
		t.Errorf("got %v, want it not to be ErrConflict", got)
	}
}
