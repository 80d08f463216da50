import { switchOrganization } from "@/app/actions"

type Props = { organizations: { id: string; name: string }[]; current: string | undefined }

export function OrganizationSwitcher({ organizations, current }: Props) {
  if (organizations.length < 2 && current) return <span>{organizations[0]?.name}</span>
  if (organizations.length === 0) return <span>No organization</span>
  return (
    // The key shows the new organization after a switch: a select keeps its value otherwise.
    <form action={switchOrganization} className="row" key={current}>
      <label htmlFor="organization">Organization</label>
      <select id="organization" name="organization" defaultValue={current}>
        {organizations.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <button type="submit">Switch</button>
    </form>
  )
}
