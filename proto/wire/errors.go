package wire

import (
	"context"
	"errors"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
)

// The errors that a service answers with, besides *FieldError. A service says what,
// where and how to mend with fmt.Errorf("%w: I cannot reach you at %s: set ...", ErrUnreachable,
// address); the caller finds it with errors.Is.
var (
	// ErrUnknownMember: no row has that id.
	ErrUnknownMember = errors.New("unknown member")
	// ErrConflict: the id belongs to a live node. The text names the holder's address.
	ErrConflict = errors.New("the id is taken")
	// ErrUnreachable: a joiner could not be called back. The text names the address that
	// was tried and the variable to set.
	ErrUnreachable = errors.New("unreachable")
	// ErrStillLive: only a failed or left member can be forgotten.
	ErrStillLive = errors.New("the member is live")
	// ErrLeaving: this node has left, or is about to; ask another.
	ErrLeaving = errors.New("this node is leaving")
	// ErrDetectorDown: this node's own detector is not heard, so it may not call itself alive.
	ErrDetectorDown = errors.New("the detector of this node is down")
	// ErrFull: a limit of this node is reached.
	ErrFull = errors.New("full")
)

// statuses is the one table between errors and what goes over the wire. The reason is for
// programs in any language, as ErrorInfo of domain "swim"; it never changes.
var statuses = []struct {
	err    error
	code   codes.Code
	reason string
}{
	{ErrUnknownMember, codes.NotFound, "UNKNOWN_MEMBER"},
	{ErrConflict, codes.AlreadyExists, "CONFLICT"},
	{ErrUnreachable, codes.FailedPrecondition, "UNREACHABLE"},
	{ErrStillLive, codes.FailedPrecondition, "STILL_LIVE"},
	{ErrLeaving, codes.Unavailable, "LEAVING"},
	{ErrDetectorDown, codes.FailedPrecondition, "DETECTOR_DOWN"},
	{ErrFull, codes.ResourceExhausted, "FULL"},
}

const (
	errorDomain   = "swim"
	invalidReason = "INVALID_FIELD"
)

// ToStatus makes an error one that gRPC sends as it should: with the code of the table,
// the whole text, and details for programs. An error that has a status keeps it; one that
// is none of ours becomes Internal.
func ToStatus(err error) error {
	if err == nil {
		return nil
	}
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			return withDetails(s.code, err, &errdetails.ErrorInfo{Reason: s.reason, Domain: errorDomain})
		}
	}
	if fault, ok := errors.AsType[*FieldError](err); ok {
		return withDetails(codes.InvalidArgument, err,
			&errdetails.ErrorInfo{Reason: invalidReason, Domain: errorDomain},
			&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
				{Field: fault.Field, Description: fault.Problem},
			}})
	}
	if s, ok := status.FromError(err); ok {
		return s.Err()
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return status.FromContextError(err).Err()
	}
	return status.Error(codes.Internal, err.Error())
}

func withDetails(code codes.Code, err error, details ...protoadapt.MessageV1) error {
	plain := status.New(code, err.Error())
	full, detailErr := plain.WithDetails(details...)
	if detailErr != nil { // they cannot be encoded: the text alone has to do
		return plain.Err()
	}
	return full.Err()
}

// FromStatus finds the error that a peer's ToStatus was given: errors.Is and errors.As see
// it, the text is the peer's, and status.Code still works. Any other error comes back as
// it is.
func FromStatus(err error) error {
	s, ok := status.FromError(err)
	if err == nil || !ok {
		return err
	}
	if cause := causeOf(s); cause != nil {
		return &peerError{status: s, cause: cause}
	}
	return err
}

func causeOf(s *status.Status) error {
	var cause error
	for _, detail := range s.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			for _, known := range statuses {
				if d.GetDomain() == errorDomain && d.GetReason() == known.reason {
					cause = known.err
				}
			}
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				cause = &FieldError{Field: v.GetField(), Problem: v.GetDescription()}
			}
		}
	}
	return cause
}

// peerError is an error that a peer answered with.
type peerError struct {
	status *status.Status
	cause  error
}

func (e *peerError) Error() string              { return e.status.Message() }
func (e *peerError) Unwrap() error              { return e.cause }
func (e *peerError) GRPCStatus() *status.Status { return e.status }
