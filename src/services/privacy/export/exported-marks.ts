import { DomainConfiguration } from '../../domains/domain-configuration.entity';
import { type ExportedRecord, type ExportRun } from './export-subject';

/** Which columns the configurations in force mark as personal: what the cells of the lines that follow are. */
export async function* exportedMarks({ database, request }: ExportRun): AsyncGenerator<ExportedRecord> {
  for (const domain of request.domains) {
    const configuration = await database.inTenant(request.tenantId, (scope) =>
      scope.repository(DomainConfiguration).findOne({ kind: domain }, { order: { version: 'DESC' } }),
    );
    const columns = configuration?.featureSpec.personal ?? [];
    if (columns.length > 0) yield { kind: 'PERSONAL_COLUMNS', domain, columns };
  }
}
