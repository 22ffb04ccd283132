package shared

import "github.com/valkey-io/valkey-go"

// ledgerScript begins each script of a ledger. It drops what is too old, and
// reads the members. Calls has the time of each call, numbers its number. State
// has the number of the last call, the count of calls, the members, and the time
// of its creation. Numbers begin with that time, so that a member that knows a
// lower one has not merged since then. A count that is wrong means that the server has lost keys:
// then the ledger is created again, without members.
const ledgerScript = nowScript + `
local calls, numbers, state, pause = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local minuteWindow, hourWindow = tonumber(ARGV[1]), tonumber(ARGV[2])
local self, known, shares = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])

local count = tonumber(redis.call('HGET', state, 'count'))
if count ~= redis.call('ZCARD', calls) or count ~= redis.call('ZCARD', numbers) then
	redis.call('DEL', calls, numbers, state)
	local text = string.format('%.0f', now)
	redis.call('HSET', state, 'last', text, 'created', text)
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', calls, '-inf', now - hourWindow)) do
	redis.call('ZREM', calls, id)
	redis.call('ZREM', numbers, id)
end
local last = tonumber(redis.call('HGET', state, 'last'))
local created = tonumber(redis.call('HGET', state, 'created'))

local others, mine = {}, nil
local fields = redis.call('HGETALL', state)
for i = 1, #fields, 2 do
	local name = string.match(fields[i], '^member:(.*)')
	if name then
		local contact, memberKnown, memberShares = string.match(fields[i + 1], '^(%d+) (%d+) (%d+)$')
		local member = {
			name = name, contact = tonumber(contact), known = tonumber(memberKnown), shares = tonumber(memberShares),
		}
		member.late = member.contact < now - ` + lateAfter + `
		if member.contact < now - hourWindow then
			redis.call('HDEL', state, fields[i])
		elseif name == self then
			mine = member
		else
			table.insert(others, member)
		end
	end
end

local function saveMember(name, contact, known, shares)
	redis.call('HSET', state, 'member:' .. name, string.format('%.0f %.0f %.0f', contact, known, shares))
end

local function save()
	redis.call('HSET', state, 'last', string.format('%.0f', last), 'count', redis.call('ZCARD', calls))
	for _, key in ipairs({calls, numbers, state}) do
		redis.call('PEXPIRE', key, math.ceil(hourWindow / 1000))
	end
end

-- the number up to which each other member has all calls
local function confirmed()
	local least = last
	for _, other in ipairs(others) do
		least = math.min(least, other.known)
	end
	return least
end

-- whether a member that is in contact has not confirmed all calls
local function pending()
	for _, other in ipairs(others) do
		if other.known < last and not other.late then
			return true
		end
	end
	return false
end

local function record(id, at)
	last = last + 1
	redis.call('ZADD', calls, at, id)
	redis.call('ZADD', numbers, last, id)
end
save()
`

const (
	// lateAfter is the microseconds without contact after which the others no
	// longer wait for a member.
	lateAfter = "5000000"
	// settleTime is the microseconds in which all members come back to a ledger
	// that was created again.
	settleTime = "5000000"
	// retryTime is the microseconds until the other members have confirmed new
	// calls.
	retryTime = "200000"
)

// enterScript records a call and returns its number and 0, or returns 0 and the
// microseconds until a retry may succeed. It returns nothing to a member that
// it does not know. A call at t counts in a window of length w until t+w,
// exclusive.
//
// A call that another member may not know weighs as much as there are shares:
// see [Ledger.Enter].
var enterScript = valkey.NewLuaScript(ledgerScript + `
local id, channel, message = ARGV[6], ARGV[7], ARGV[8]
local windows = {
	{length = minuteWindow, most = tonumber(ARGV[9]), limit = tonumber(ARGV[10])},
	{length = hourWindow, most = tonumber(ARGV[11]), limit = tonumber(ARGV[12])},
}
if not mine or known < created then
	return {}
end
shares = shares == 0 and 0 or math.max(shares, mine.shares)
saveMember(self, now, math.max(known, mine.known), mine.shares)
local number = redis.call('ZSCORE', numbers, id)
if number then
	return {tonumber(number), 0}
end

-- the time until the calls in a window weigh so little that a new one fits
local function untilRoom(window, limit, weightOfNew, weigh)
	local since = string.format('(%.0f', now - window.length)
	local inside = redis.call('ZRANGEBYSCORE', calls, since, '+inf', 'WITHSCORES')
	local excess = weightOfNew - limit
	for i = 1, #inside, 2 do
		excess = excess + weigh(inside[i])
	end
	for i = 1, #inside, 2 do
		if excess <= 0 then
			break
		end
		excess = excess - weigh(inside[i])
		if excess <= 0 then
			return inside[i + 1] + window.length - now
		end
	end
	return excess > 0 and window.length or 0
end

local function one() return 1 end

local wait = 0
for _, window in ipairs(windows) do
	window.count = redis.call('ZCOUNT', calls, string.format('(%.0f', now - window.length), '+inf')
	if window.count >= window.most then
		wait = math.max(wait, untilRoom(window, window.most, 1, one))
	end
end
local left = redis.call('PTTL', pause)
if left >= 0 then
	wait = math.max(wait, (left + 1) * 1000)
end
if wait > 0 then
	return {0, wait}
end
if shares == 0 then
	return {0, ` + retryTime + `}
end

local common = confirmed()
if common < last then
	local unknown = {} -- own calls that another member may not know
	for _, own in ipairs(redis.call('ZRANGEBYSCORE', numbers, string.format('(%.0f', common), '+inf')) do
		if string.find(own, self, 1, true) then
			unknown[own] = tonumber(redis.call('ZSCORE', calls, own))
		end
	end
	local function weigh(call) return unknown[call] and shares or 1 end
	for _, window in ipairs(windows) do
		local weight = window.count + shares
		for _, at in pairs(unknown) do
			if at > now - window.length then
				weight = weight + shares - 1
			end
		end
		if weight > window.limit then
			wait = math.max(wait, untilRoom(window, window.limit, shares, weigh))
		end
	end
end
if wait > 0 then
	return {0, pending() and ` + retryTime + ` or wait}
end
record(id, now)
save()
redis.call('PUBLISH', channel, message)
return {last, 0}
`)

// syncScript adds calls and returns what the member lacks: the number of the last
// call, the number that the others have confirmed, 1 if more is about to be, the
// shares, 1 if the member is new, the other members, and ids and ages of calls.
// It returns nothing to a new member that merges nothing.
var syncScript = valkey.NewLuaScript(ledgerScript + `
local channel, message = ARGV[6], ARGV[7]
local merges, remembered = ARGV[8] == '1', tonumber(ARGV[9])
if merges then
	-- A server that was restarted may have lost the latest calls, even if it stores them on disk.
	local info = redis.pcall('INFO', 'server')
	local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''
	if redis.call('HGET', state, 'run') ~= run or not mine and #others == 0 then
		created = now
		redis.call('HSET', state, 'run', run, 'created', string.format('%.0f', now))
	end
end
local young = now - created < ` + settleTime + `
local fresh = not mine or known < created
if fresh and not merges then
	return {}
end
local have, since = shares, known
if merges then
	since = 0
	last = math.max(last, now) -- above all numbers of a past that the server has lost
end
for i = 10, 9 + 3 * remembered, 3 do
	local name, contact = ARGV[i], tonumber(ARGV[i + 1])
	if young and name ~= self and contact > now - hourWindow and
		redis.call('HEXISTS', state, 'member:' .. name) == 0 then
		saveMember(name, contact, 0, ARGV[i + 2])
		table.insert(others, {
			name = name, contact = contact, known = 0, shares = tonumber(ARGV[i + 2]),
			late = contact < now - ` + lateAfter + `,
		})
	end
end
for i = 10 + 3 * remembered, #ARGV, 2 do
	if not redis.call('ZSCORE', calls, ARGV[i]) and tonumber(ARGV[i + 1]) < hourWindow then
		record(ARGV[i], string.format('%.0f', now - ARGV[i + 1]))
	end
end
if fresh then
	known = 0
	redis.call('PUBLISH', channel, message)
else
	known = math.max(known, mine.known)
end

-- by how many the member may divide what is left
local function allowed()
	local live, silent, used, behind = 1, 0, 0, false
	for _, other in ipairs(others) do
		if other.late then
			silent = silent + 1
		else
			live = live + 1
		end
		if other.shares > 0 then
			used = used + 1 / other.shares
		end
	end
	-- Those that were killed one after the other take no more than half.
	local target = live + math.min(silent, live)
	for _, other in ipairs(others) do
		behind = behind or not other.late and other.shares > 0 and other.shares < target
	end
	if young and have > 0 then
		return math.max(have, target) -- not all members are back
	end
	local room = 1 - used + 1e-9
	if room * target >= 1 then
		return target
	end
	if room * target >= 0.25 then
		return math.ceil(1 / room - 1e-6)
	end
	if mine and have > 0 then
		return math.max(have, target)
	end
	return behind and 0 or target
end

shares = allowed()
-- The member has to adopt a smaller share before the others may count on it.
local keep = have > 0 and shares > have
saveMember(self, now, known, keep and have or shares)
save()

local members = {}
for _, other in ipairs(others) do
	table.insert(members, other.name)
	table.insert(members, string.format('%.0f', other.contact))
	table.insert(members, string.format('%.0f', other.shares))
end
local lacking = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', numbers, string.format('(%.0f', since), '+inf')) do
	table.insert(lacking, id)
	table.insert(lacking, string.format('%.0f', now - redis.call('ZSCORE', calls, id)))
end
return {last, confirmed(), pending() and 1 or 0, shares, fresh and 1 or 0, members, lacking}
`)

// leaveScript removes a call.
var leaveScript = valkey.NewLuaScript(ledgerScript + `
redis.call('ZREM', calls, ARGV[6])
redis.call('ZREM', numbers, ARGV[6])
save()
return 0
`)

// quitScript removes a member.
var quitScript = valkey.NewLuaScript(ledgerScript + `
redis.call('HDEL', state, 'member:' .. self)
save()
return 0
`)

// pauseScript starts a pause unless a longer one is active.
var pauseScript = valkey.NewLuaScript(`
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
	redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
end
return 0
`)
