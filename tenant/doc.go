// Package tenant names a provider by something that outlives its key. Snapshots on disk and data in
// the shared store are kept under that name, so that they are found after a key rotation, and never
// by another provider.
//
// A provider is the host and the company that the usernames of its clients end in. A table beside
// the data maps keys and companies, as hashes, to names. The name of a provider is the hash of the
// first key that the table saw.
package tenant
