// Package imports takes in what a machine must not have.
package imports

import (
	"errors"
	_ "log"
	_ "os"
	_ "sync"
)

var Err = errors.New("x")
