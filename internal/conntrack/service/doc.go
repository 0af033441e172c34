// Package service detects application protocols from the first payloads of a connection,
// with the names of Zeek's conn.log. Ports only resolve cases that the payload leaves open.
//
// It is stateless: the state of a connection is the caller's State, a few bytes without
// pointers. Look does not allocate. Input is untrusted. ReadHello and QUICHello, which run
// at most once per connection, may allocate within the size of the input. Functions may be
// called from any goroutine; a State or QUICHello belongs to one at a time.
package service
