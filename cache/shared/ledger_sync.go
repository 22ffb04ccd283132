package shared

import "github.com/valkey-io/valkey-go"

// syncScript adds calls and returns what the member lacks: the number of the last
// call, 1 if others are about to confirm calls, the shares, 1 if the member is
// new, the other members, and ids and ages of calls. It returns nothing to a new
// member that merges nothing.
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
for i = 10, 9 + 4 * remembered, 4 do
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
for i = 10 + 4 * remembered, #ARGV, 2 do
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
	table.insert(members, string.format('%.0f', other.known))
end
local lacking = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', numbers, string.format('(%.0f', since), '+inf')) do
	table.insert(lacking, id)
	table.insert(lacking, string.format('%.0f', now - redis.call('ZSCORE', calls, id)))
end
return {last, pending() and 1 or 0, shares, fresh and 1 or 0, members, lacking}
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
