//go:build !race

package wisphub

// maxHostileMB is what hostile answers may take, in MB.
const maxHostileMB = 120
